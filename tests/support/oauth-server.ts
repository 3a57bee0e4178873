import { createHash, randomBytes } from "node:crypto";
import type http from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { servedBy } from "./web-server.ts";

/** What an authorization server says of itself that is not true, or not enough. */
export interface OAuthOddities {
  /** Put in place of what it says of itself. */
  metadata?: Record<string, unknown>;
  /** Put in place of what the protected resource says. */
  resource?: Record<string, unknown>;
  /** Put in place of what it sends for a code or a refresh token. */
  tokens?: Record<string, unknown>;
  noRegistration?: boolean;
}

const json = (body: unknown, status = 200) => Response.json(body, { status });
const error = (code: string) => json({ error: code }, 400);

/**
 * Signs people in for protected resources: OAuth 2.1 with registration, PKCE, refresh tokens that count once, and
 * revocation. Everybody who comes is let in.
 */
export class MadeOAuthServer {
  odd: OAuthOddities = {};
  /** What it was asked, in order. */
  readonly asked: string[] = [];
  /** How long its tokens are good. */
  seconds = 3_600;
  readonly #clients = new Map<string, string[]>();
  readonly #codes = new Map<
    string,
    { client: string; challenge: string; to: string; resource: string | null }
  >();
  readonly #access = new Set<string>();
  readonly #refresh = new Map<string, string>();
  readonly #server: http.Server;

  private constructor() {
    this.#server = servedBy(async (request) => await this.#answer(request));
  }

  static async start(): Promise<MadeOAuthServer> {
    const made = new MadeOAuthServer();
    made.#server.listen(0, "127.0.0.1");
    await once(made.#server, "listening");
    return made;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Whether a resource takes what a request brings. */
  takes(authorization: string | undefined): boolean {
    return this.#access.has(authorization?.replace(/^Bearer /, "") ?? "");
  }

  /** As if every token had ended. */
  end(): void {
    this.#access.clear();
  }

  /** As if somebody had taken away there what was granted. */
  revoke(): void {
    this.#access.clear();
    this.#refresh.clear();
  }

  /** What the protected resource says of who signs people in. */
  resourceMetadata(resource: string): object {
    return { resource, authorization_servers: [this.origin], ...this.odd.resource };
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    this.asked.push(`${request.method} ${url.pathname}`);
    switch (url.pathname) {
      case "/.well-known/oauth-authorization-server":
        return json({
          issuer: this.origin,
          authorization_endpoint: `${this.origin}/authorize`,
          token_endpoint: `${this.origin}/token`,
          ...(!this.odd.noRegistration && { registration_endpoint: `${this.origin}/register` }),
          revocation_endpoint: `${this.origin}/revoke`,
          response_types_supported: ["code"],
          grant_types_supported: ["authorization_code", "refresh_token"],
          code_challenge_methods_supported: ["S256"],
          token_endpoint_auth_methods_supported: ["none"],
          authorization_response_iss_parameter_supported: true,
          ...this.odd.metadata,
        });
      case "/register":
        return await this.#register(request);
      case "/authorize":
        return this.#authorize(url.searchParams);
      case "/token":
        return this.#token(new URLSearchParams(await request.text()));
      case "/revoke":
        this.#refresh.delete(new URLSearchParams(await request.text()).get("token") ?? "");
        return new Response(null, { status: 200 });
      default:
        return new Response("nothing here", { status: 404 });
    }
  }

  async #register(request: Request): Promise<Response> {
    const sent = (await request.json()) as { redirect_uris: string[] };
    const id = randomBytes(8).toString("hex");
    this.#clients.set(id, sent.redirect_uris);
    return json({ ...sent, client_id: id }, 201);
  }

  #authorize(given: URLSearchParams): Response {
    const [client = "", to = "", state = "", challenge = ""] = [
      "client_id",
      "redirect_uri",
      "state",
      "code_challenge",
    ].map((name) => given.get(name) ?? "");
    if (!this.#clients.get(client)?.includes(to) || given.get("code_challenge_method") !== "S256")
      return error("invalid_request");
    const code = randomBytes(16).toString("hex");
    this.#codes.set(code, { client, challenge, to, resource: given.get("resource") });
    const back = new URL(to);
    for (const [name, value] of Object.entries({ code, state, iss: this.origin }))
      back.searchParams.set(name, value);
    return Response.redirect(back.href, 302);
  }

  #token(given: URLSearchParams): Response {
    const client = given.get("client_id") ?? "";
    if (given.get("grant_type") === "refresh_token") {
      const before = given.get("refresh_token") ?? "";
      // One that comes twice was stolen: who has it, and who it was stolen from, get no more.
      if (this.#refresh.get(before) !== client) return error("invalid_grant");
      this.#refresh.delete(before);
      return this.#give(client);
    }
    const code = given.get("code") ?? "";
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    const proof = createHash("sha256")
      .update(given.get("code_verifier") ?? "")
      .digest("base64url");
    if (
      known?.client !== client ||
      known.challenge !== proof ||
      known.to !== given.get("redirect_uri") ||
      known.resource !== given.get("resource")
    )
      return error("invalid_grant");
    return this.#give(client);
  }

  #give(client: string): Response {
    const [access, refresh] = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")];
    this.#access.add(access);
    this.#refresh.set(refresh, client);
    return json({
      access_token: access,
      token_type: "Bearer",
      expires_in: this.seconds,
      refresh_token: refresh,
      ...this.odd.tokens,
    });
  }
}

/** What a browser brings back that goes where it was sent. */
export async function broughtBack(
  authorizationUrl: string,
): Promise<{ state: string; code: string; iss: string }> {
  const answer = await fetch(authorizationUrl, { redirect: "manual" });
  const back = new URL(answer.headers.get("location") ?? "nowhere:");
  const [state = "", code = "", iss = ""] = ["state", "code", "iss"].map(
    (name) => back.searchParams.get(name) ?? "",
  );
  return { state, code, iss };
}
