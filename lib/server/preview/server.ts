import http from "node:http";
import https from "node:https";
import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { api } from "#convex/_generated/api.js";
import { DEADLINES, isLive } from "#domain/lifecycle.ts";
import { dataFor } from "../convex/client.ts";
import { env } from "../env.ts";
import { HttpError } from "../http/error.ts";
import { type Seat, takeSeat } from "../http/seats.ts";
import { cached, cacheOf } from "../cache.ts";
import { foreignServers } from "../http/connection.ts";
import { log, messageOf } from "../log.ts";
import { openTraffic, type SandboxRef } from "../sandbox/sandbox.ts";
import { COOKIE, cookieOf, towardsApp, towardsBrowser } from "./headers.ts";
import { frontRefusal, PLAIN_QUESTION } from "./front.ts";
import { notThere, Refusal, sorry } from "./pages.ts";
import { openPass, type Pass, sealPass, UsedTickets } from "./pass.ts";
import { type Place, placeOf } from "./place.ts";

/** Where a ticket is turned into a visit. */
export const ENTER = "/.studio/enter";
const VISIT_MS = 12 * 3_600_000;
/** Whether the visitor may still see the session is asked again after this long. */
const ALLOWED_MS = 5_000;
const MAX_ALLOWED = 500;

/** Passes a port of a session's sandbox on to those who have a pass for it. It has no other address of Studio's. */
export class PreviewServer {
  readonly #server: http.Server;
  readonly #tickets = new UsedTickets();
  readonly #allowed = cacheOf<Promise<SandboxRef>>("preview-rights", { max: MAX_ALLOWED, ttlMs: ALLOWED_MS });

  constructor() {
    this.#server = http.createServer((req, res) => {
      this.#handle(req, res).catch((error: unknown) => {
        log("warn", "a preview's request failed", { error: messageOf(error) });
        sorry(res, new Refusal("preview_unreadable"));
      });
    });
    foreignServers().add(this.#server);
    this.#server.on("upgrade", (req, socket: Duplex, head: Buffer) => {
      socket.on("error", () => socket.destroy());
      this.#upgrade(req, socket, head).catch((error: unknown) => {
        const full = error instanceof Refusal && error.status === 429;
        socket.end(
          `HTTP/1.1 ${full ? "429 Too Many Requests" : "403 Forbidden"}\r\nconnection: close\r\n\r\n`,
        );
      });
    });
  }

  /** @throws where the port is taken */
  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, resolve);
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
    try {
      const place = placeOf(req.headers.host, env().STUDIO_PREVIEW_URL);
      if (!place) throw new Refusal("preview_unknown");
      // A path may begin with two slashes, which alone would name another host.
      const url = URL.parse(`http://preview.invalid${req.url ?? "/"}`);
      if (!url) throw new Refusal("preview_malformed");
      if (url.pathname === ENTER) return this.#enter(place, url, res);
      const visit = this.#visit(place, req);
      res.once("close", seatOf("preview", visit));
      const ref = await this.#refFor(visit, place);
      await pass(ref, place, req, res);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      sorry(res, error);
    }
  }

  #enter(place: Place, url: URL, res: http.ServerResponse): void {
    const now = Date.now();
    const ticket = openPass(url.searchParams.get("ticket") ?? "", { kind: "ticket", ...place }, now);
    if (!ticket || !this.#tickets.use(ticket)) throw new Refusal("preview_link_used");
    const to = url.searchParams.get("to") ?? "/";
    const visit = sealPass({ ...ticket, kind: "visit", expiresAt: now + VISIT_MS });
    res.writeHead(302, {
      // In Studio's page this origin is a third party: the cookie is for the two of them alone.
      "set-cookie": `${COOKIE}=${visit}; Path=/; HttpOnly; Secure; SameSite=None; Partitioned; Max-Age=${VISIT_MS / 1000}`,
      location: /^\/(?![/\\])[\x21-\x7e]*$/.test(to) ? to : "/",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    res.end();
  }

  #visit(place: Place, req: http.IncomingMessage): Pass {
    const visit = openPass(cookieOf(req.headers.cookie) ?? "", { kind: "visit", ...place }, Date.now());
    if (!visit) throw new Refusal("preview_not_open");
    return visit;
  }

  /** The sandbox, if the visitor may see its session now. */
  async #refFor({ caller }: Pass, { sessionId }: Place): Promise<SandboxRef> {
    const key = `${sessionId} ${JSON.stringify(caller)}`;
    return await cached(this.#allowed, key, async () => {
      const session = await dataFor(caller)
        .query(api.sandboxSessions.get, { sessionId })
        .catch((error: unknown) => {
          log("info", "a preview was refused", { sessionId, error: messageOf(error) });
          throw new Refusal("preview_forbidden");
        });
      if (!isLive(session.status) || session.sandboxId === null) throw new Refusal("preview_session_ended");
      return await openTraffic(session.sandboxId, session.idleTimeoutMs + DEADLINES.sandboxGraceMs);
    });
  }

  async #upgrade(req: http.IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    const place = placeOf(req.headers.host, env().STUDIO_PREVIEW_URL);
    if (!place) throw new Refusal("preview_unknown");
    const visit = this.#visit(place, req);
    client.once("close", seatOf("previewSocket", visit));
    const ref = await this.#refFor(visit, place);
    const url = new URL(ref.trafficUrl);
    const secure = url.protocol === "https:";
    const port = Number(url.port || (secure ? 443 : 80));
    const upstream = secure
      ? tls.connect({ host: url.hostname, port, servername: url.hostname, ALPNProtocols: ["http/1.1"] })
      : net.connect({ host: url.hostname, port });
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    upstream.once(secure ? "secureConnect" : "connect", () => {
      const lines = [...towardsApp(req.rawHeaders, true), ...leading(ref, place, req)].map(
        ([name, value]) => `${name}: ${value}`,
      );
      upstream.write(
        `${req.method} ${req.url} HTTP/1.1\r\nhost: ${url.host}\r\n${lines.join("\r\n")}\r\n\r\n`,
        "latin1",
      );
      if (head.length > 0) upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
  }
}

/** A place among the organization's open previews. @throws Refusal where all are taken */
function seatOf(seat: Seat, { caller }: Pass): () => void {
  try {
    return takeSeat(seat, caller);
  } catch (error) {
    if (error instanceof HttpError) throw new Refusal("preview_full", error.message);
    throw error;
  }
}

/** The headers that lead a request to a port of the sandbox (E2B's own names). */
function leading(ref: SandboxRef, { port }: Place, req: http.IncomingMessage): [string, string][] {
  return [
    ["E2b-Sandbox-Id", ref.sandboxId],
    ["E2b-Sandbox-Port", String(port)],
    ...(ref.trafficToken ? [["e2b-traffic-access-token", ref.trafficToken] as [string, string]] : []),
    ["x-forwarded-host", req.headers.host ?? ""],
    ["x-forwarded-proto", new URL(env().STUDIO_PREVIEW_URL ?? "http://preview").protocol.replace(":", "")],
  ];
}

async function pass(
  ref: SandboxRef,
  place: Place,
  req: http.IncomingMessage,
  res: http.ServerResponse,
): Promise<void> {
  const url = new URL(ref.trafficUrl);
  const send = url.protocol === "https:" ? https.request : http.request;
  const base = { hostname: url.hostname, port: url.port || undefined };
  const lead = [...leading(ref, place, req), ["host", url.host] as const];
  const headers = [...towardsApp(req.rawHeaders), ...lead];
  const upstream = send({ ...base, method: req.method, path: req.url, headers: headers.flat() });
  res.on("close", () => upstream.destroy());
  req.pipe(upstream);
  const answer = await new Promise<http.IncomingMessage | undefined>((resolve) => {
    upstream.once("response", resolve);
    upstream.on("error", () => resolve(undefined));
  });
  if (!answer) throw new Refusal("preview_unreadable");
  const { refusal, begin } = await frontRefusal(answer, ref.sandboxId, () => {
    const { method, path, userAgent } = PLAIN_QUESTION;
    return send({ ...base, method, path, headers: [["user-agent", userAgent], ...lead].flat() });
  });
  if (refusal) {
    answer.resume();
    if (refusal.port === undefined) throw new Refusal("preview_session_ended");
    return notThere(res, place.port);
  }
  const inside = [url.origin, `http://localhost:${place.port}`, `http://127.0.0.1:${place.port}`];
  const studio = new URL(env().STUDIO_PUBLIC_URL).origin;
  res.writeHead(answer.statusCode ?? 502, towardsBrowser(answer.rawHeaders, studio, inside).flat());
  res.flushHeaders();
  answer.on("error", () => res.destroy());
  if (begin.length > 0) res.write(begin);
  answer.pipe(res);
}
