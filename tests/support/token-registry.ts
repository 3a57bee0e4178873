import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";

/** What a test's registry lets in. */
export const REGISTRY_TOKEN = "hunter2-of-the-registry";

type Mode = "open" | "down" | "refuses";

/** The archive of a package that does nothing but say its name. */
function archiveOf(name: string): Buffer {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "package-"));
  try {
    fs.mkdirSync(path.join(folder, "package"));
    fs.writeFileSync(path.join(folder, "package/package.json"), JSON.stringify({ name, version: "1.0.0" }));
    fs.writeFileSync(path.join(folder, "package/index.js"), `module.exports = ${JSON.stringify(name)};\n`);
    const made = spawnSync("tar", ["-czf", "-", "package"], { cwd: folder, maxBuffer: 10_000_000 });
    if (made.status !== 0) throw new Error(made.stderr.toString());
    return made.stdout;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/**
 * A registry of npm's, and an index of pip's, that ask for a token: `@acme/thing` with its file at the usual address,
 * `@acme/moved` with one outside the registry's URL that leads on to another server, which asks for nothing.
 */
export class TokenRegistry {
  readonly #server: http.Server;
  readonly #other: http.Server;
  readonly #archives = new Map([
    ["/npm/@acme/thing/-/thing-1.0.0.tgz", archiveOf("@acme/thing")],
    ["/files/moved-1.0.0.tgz", archiveOf("@acme/moved")],
  ]);
  /** What it does with requests from now on. */
  mode: Mode = "open";
  /** Requests so far, and whether each was signed in. */
  readonly seen: string[] = [];
  /** The credentials that came to the other server. */
  readonly strays: string[] = [];

  private constructor() {
    this.#server = http.createServer((request, response) => this.#take(request, response));
    this.#other = http.createServer((request, response) => {
      this.strays.push(request.headers.authorization ?? "none");
      response.end(this.#archives.get("/files/moved-1.0.0.tgz"));
    });
  }

  static async start(): Promise<TokenRegistry> {
    const made = new TokenRegistry();
    for (const server of [made.#server, made.#other])
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  async stop(): Promise<void> {
    for (const server of [this.#server, this.#other]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  static #at = (server: http.Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  get url(): string {
    return TokenRegistry.#at(this.#server);
  }

  #take(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { authorization = "" } = request.headers;
    const basic = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString();
    const known = authorization === `Bearer ${REGISTRY_TOKEN}` || basic === `__token__:${REGISTRY_TOKEN}`;
    const where = decodeURIComponent(request.url ?? "");
    this.seen.push(`${known ? "in" : "out"} ${where}`);
    if (this.mode === "down") return void request.socket.destroy();
    if (!known || this.mode === "refuses") return void response.writeHead(401).end();
    const json = (body: object) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (where === "/npm/-/whoami") return void json({ username: "acme-reader" });
    if (where === "/npm/@acme/thing")
      return void json(this.#described("@acme/thing", "/npm/@acme/thing/-/thing-1.0.0.tgz"));
    if (where === "/npm/@acme/moved")
      return void json(this.#described("@acme/moved", "/moved/moved-1.0.0.tgz"));
    if (where === "/moved/moved-1.0.0.tgz")
      return void response
        .writeHead(302, { location: `${TokenRegistry.#at(this.#other)}/kept/moved-1.0.0.tgz` })
        .end();
    if (where === "/simple/") return void response.end("<a href='thing/'>thing</a>");
    if (where === "/simple/thing/")
      return void response
        .writeHead(200, { "content-type": "text/html" })
        .end('<a href="../../files/moved-1.0.0.tgz#sha256=0">moved-1.0.0.tgz</a>');
    const archive = this.#archives.get(where);
    if (archive) return void response.end(archive);
    response.writeHead(404).end();
  }

  #described(name: string, file: string): object {
    const archive = this.#archives.get(file.replace("/moved/", "/files/"))!;
    const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
    return {
      name,
      "dist-tags": { latest: "1.0.0" },
      versions: { "1.0.0": { name, version: "1.0.0", dist: { tarball: `${this.url}${file}`, integrity } } },
    };
  }
}
