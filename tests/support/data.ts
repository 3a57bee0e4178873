import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ConvexHttpClient } from "convex/browser";
import { importJWK, SignJWT } from "jose";
import { loadSecrets, type Secrets } from "#cli/up/secrets.ts";
import { services } from "#cli/up/services.ts";
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from "#domain/principal.ts";
import { shareBundle } from "./bundle-once.ts";
import { freePorts } from "./free-ports.ts";
import { launch } from "./stack.ts";

/** What a token says; by default all of it is right. */
export interface TokenOptions {
  issuer?: string;
  audience?: string;
  /** Seconds from now. */
  expiresIn?: number;
  signingKey?: Secrets["signingKey"];
}

/** Studio's functions on the real runtime, and nothing else. */
export class DataService {
  readonly url: string;
  readonly siteUrl: string;
  readonly folder: string;
  readonly secrets: Secrets;
  readonly #start: () => Promise<void>;
  readonly #children: Map<string, ChildProcess>;

  private constructor(
    folder: string,
    secrets: Secrets,
    ports: { convex: number; site: number },
    children: Map<string, ChildProcess>,
    start: () => Promise<void>,
  ) {
    this.folder = folder;
    this.secrets = secrets;
    this.url = `http://127.0.0.1:${ports.convex}`;
    this.siteUrl = `http://127.0.0.1:${ports.site}`;
    this.#children = children;
    this.#start = start;
  }

  /** What a web server's environment needs at least to be one of this Studio, at `origin`; no sandbox can be made. */
  environment(origin: string): Record<string, string> {
    return {
      STUDIO_PUBLIC_URL: origin,
      STUDIO_AUTH_SECRET: "x".repeat(32),
      STUDIO_DATA_DIR: this.folder,
      STUDIO_SIGNING_KEY: JSON.stringify(this.secrets.signingKey),
      STUDIO_KEK: this.secrets.kek,
      CONVEX_URL: this.url,
      CONVEX_SITE_URL: this.siteUrl,
      E2B_API_KEY: "unused",
    };
  }

  /** @param database a database to begin with, as another version has left it */
  static async start(database?: Buffer): Promise<DataService> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-data-"));
    if (database) {
      fs.mkdirSync(path.join(folder, "convex"));
      fs.writeFileSync(path.join(folder, "convex/data.sqlite"), database);
    }
    const [convex, site] = (await freePorts(2)) as [number, number];
    const ports = { web: 1, sandbox: 2, model: 3, preview: 4, convex, site };
    const secrets = loadSecrets(folder);
    const root = path.resolve(import.meta.dirname, "../..");
    const [service] = services({ data: folder, reset: false, dev: false, help: false, ports }, secrets, root);
    if (!service) throw new Error("there is no data service");
    shareBundle(path.join(folder, "convex"));
    const children = new Map<string, ChildProcess>();
    const start = async () => await launch(service, folder, children);
    await start();
    return new DataService(folder, secrets, ports, children, start);
  }

  /** Signs a token with Studio's own key, or another one. */
  async token(claims: Record<string, string>, options: TokenOptions = {}): Promise<string> {
    const jwk = options.signingKey ?? this.secrets.signingKey;
    const now = Math.floor(Date.now() / 1000);
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: this.secrets.signingKey.kid, typ: "JWT" })
      .setIssuer(options.issuer ?? TOKEN_ISSUER)
      .setAudience(options.audience ?? TOKEN_AUDIENCE)
      .setSubject(claims.kind ?? "nobody")
      .setIssuedAt(now)
      .setExpirationTime(now + (options.expiresIn ?? 300))
      .sign(await importJWK(jwk, "ES256"));
  }

  /** A client in the name of Studio's own servers. */
  async service(): Promise<ConvexHttpClient> {
    return await this.#as({ kind: "service" });
  }

  /** A client in the name of an admin. */
  async admin(of: { organizationId: string; userId: string }): Promise<ConvexHttpClient> {
    const { organizationId: org, userId: user } = of;
    return await this.#as({ kind: "member", role: "admin", name: "Tester", org, user });
  }

  async #as(claims: Record<string, string>): Promise<ConvexHttpClient> {
    const client = new ConvexHttpClient(this.url, { logger: false });
    client.setAuth(await this.token(claims));
    return client;
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    for (const child of this.#children.values()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill(signal);
      await ended;
    }
  }

  async restart(): Promise<void> {
    await this.#start();
  }

  async stop(): Promise<void> {
    await this.kill("SIGTERM");
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
