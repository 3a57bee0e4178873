import dns from "node:dns/promises";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import type { Duplex } from "node:stream";
import { join } from "../join.ts";
import { isPublicAddress } from "#net/addresses.ts";
import { HOP_BY_HOP } from "#net/hop-by-hop.ts";
import {
  allowsAddress,
  allowsPublished,
  matchesName,
  mayAllow,
  type NetworkRules,
  normalizeHost,
} from "./rules.ts";

/** A name that leads from sandboxes to a port on the host's loopback. */
export interface PublishedName {
  name: string;
  port: number;
  /** Where it leads on 127.0.0.1. */
  targetPort: number;
}

/** A destination that the operator lets sandboxes reach; `port` absent means any. */
export interface EgressTarget {
  host: string;
  port?: number;
}

/** What the operator allows all sandboxes. */
export interface EgressPolicy {
  published: readonly PublishedName[];
  /** If not empty, the most that any sandbox's own rules can open. */
  ceiling: readonly EgressTarget[];
}

/** All addresses of a name; rejects with a `code` if there is none. */
type Lookup = (host: string) => Promise<string[]>;

const systemLookup: Lookup = async (host) =>
  (await dns.lookup(host, { all: true })).map((found) => found.address);

interface Refusal {
  ok: false;
  status: 403 | 502;
  reason: string;
}
type Decision = { ok: true; host: string; port: number } | Refusal;

const refuse = (reason: string): Decision => ({ ok: false, status: 403, reason });

const CONNECT_TIMEOUT_MS = 30_000;
const LOOPBACK = "127.0.0.1";

function ownAddresses(): Set<string> {
  return new Set(Object.values(os.networkInterfaces()).flatMap((list) => (list ?? []).map((a) => a.address)));
}

/**
 * Decides where a sandbox's connection may go. The address is resolved here, once, and the connection goes
 * to that address, so that a name cannot change its meaning after it was checked.
 */
async function decide(
  policy: EgressPolicy,
  rules: NetworkRules,
  name: string,
  port: number,
  lookup: Lookup,
): Promise<Decision> {
  const host = normalizeHost(name);
  const namesakes = policy.published.filter((p) => p.name === host);
  if (namesakes.length > 0) {
    const published = namesakes.find((p) => p.port === port);
    if (!published) return refuse("the name is published on another port");
    if (!allowsPublished(rules, host)) return refuse("the sandbox's network rules do not allow it");
    return { ok: true, host: LOOPBACK, port: published.targetPort };
  }
  const inCeiling = policy.ceiling.some(
    (target) => matchesName(target.host, host) && (target.port === undefined || target.port === port),
  );
  if (policy.ceiling.length > 0 && !inCeiling) return refuse("the operator's list does not have it");
  let addresses: string[];
  if (net.isIP(host)) {
    addresses = [host];
  } else {
    // Names that nothing allows are not even looked up: a lookup itself can carry data out.
    if (!mayAllow(rules, host)) return refuse("the sandbox's network rules do not allow it");
    try {
      addresses = await lookup(host);
    } catch (error) {
      const reason = `the name does not resolve (${(error as NodeJS.ErrnoException).code})`;
      return { ok: false, status: 502, reason };
    }
  }
  const allowed = addresses.filter((address) => allowsAddress(rules, host, address));
  if (allowed.length === 0) return refuse("the sandbox's network rules do not allow it");
  const own = ownAddresses();
  const address = allowed.find((a) => isPublicAddress(a) && !own.has(a));
  return address === undefined ? refuse("its address is not public") : { ok: true, host: address, port };
}

/** The host and port of a CONNECT request. URL makes one address of its many spellings, such as 127.1. */
function parseAuthority(authority: string): { host: string; port: number } | undefined {
  const [, host = "", port = ""] = /^([^/?#@\\\s]+):(\d{1,5})$/.exec(authority) ?? [];
  if (!URL.canParse(`http://${host}`) || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host: new URL(`http://${host}`).hostname, port: Number(port) };
}

function forwardHeaders(rawHeaders: readonly string[], replaced: readonly string[] = []): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = "", value = ""] = rawHeaders.slice(i, i + 2);
    const lower = name.toLowerCase();
    // How the body is cut up is said as it came: it is passed on so.
    const own = HOP_BY_HOP.has(lower) && lower !== "transfer-encoding";
    if (!own && !replaced.includes(lower)) kept.push(name, value);
  }
  return kept;
}

/** As people know it: without the name a refusal looks like the far server's own. */
const POLICY = "Studio's network policy";
const refusal = (host: string, { status, reason }: Refusal): string =>
  status === 403
    ? `${POLICY} does not let this sandbox reach ${host}: ${reason}\n`
    : `This sandbox cannot reach ${host}: ${reason}\n`;
/** What programs show that show no body, such as pip. */
const statusText = ({ status }: Refusal): string => (status === 403 ? `Blocked by ${POLICY}` : "Bad Gateway");
/** RFC 9209: that it was this proxy, and why. */
const proxyStatus = ({ status, reason }: Refusal): string =>
  `studio; error=${status === 403 ? "http_request_denied" : "dns_error"}; details="${reason.replaceAll(/["\\]/g, "")}"`;

export interface EgressOptions {
  policy: EgressPolicy;
  /** The sandbox's rules at this moment; they may change while it runs. */
  rules: () => NetworkRules;
  /** Told of every refusal: destination and reason. */
  onRefused: (destination: string, reason: string) => void;
  /** How names are resolved; the system's way if not given. */
  lookup?: Lookup;
}

/**
 * The HTTP proxy of one sandbox, the only way out of it: absolute-form requests and CONNECT tunnels. It takes
 * connections by `emit("connection", stream)` and listens nowhere.
 */
export function createEgressProxy(options: EgressOptions): http.Server {
  const { policy, rules, onRefused, lookup = systemLookup } = options;
  const route = async (host: string, port: number): Promise<Decision> => {
    const decision = await decide(policy, rules(), host, port, lookup);
    if (!decision.ok) onRefused(`${host}:${port}`, decision.reason);
    return decision;
  };

  const forward = async (req: http.IncomingMessage, res: http.ServerResponse, url: URL): Promise<void> => {
    const host = url.hostname;
    const decision = await route(host, Number(url.port || 80));
    if (!decision.ok) {
      res.writeHead(decision.status, statusText(decision), { "proxy-status": proxyStatus(decision) });
      return void res.end(refusal(host, decision));
    }
    const upstream = http.request({
      host: decision.host,
      port: decision.port,
      method: req.method ?? "GET",
      path: url.pathname + url.search,
      // The name that was checked is the name that the server is told (RFC 9112, section 3.2.2).
      headers: [...forwardHeaders(req.rawHeaders, ["host"]), "host", url.host, "connection", "close"],
      agent: false,
    });
    upstream.on("response", (answer) => {
      res.writeHead(answer.statusCode ?? 502, forwardHeaders(answer.rawHeaders));
      res.flushHeaders();
      answer.on("error", () => res.destroy());
      answer.pipe(res);
    });
    upstream.on("error", (error) => {
      if (res.headersSent) res.destroy();
      else res.writeHead(502).end(`egress to ${host} failed: ${error.message}\n`);
    });
    res.on("close", () => upstream.destroy());
    req.on("error", () => upstream.destroy());
    req.pipe(upstream);
  };

  const tunnel = async (req: http.IncomingMessage, client: Duplex, head: Buffer): Promise<void> => {
    const answer = (status: string, body = "", headers = "") =>
      client.end(`HTTP/1.1 ${status}\r\n${headers}connection: close\r\n\r\n${body}`);
    const target = parseAuthority(req.url ?? "");
    if (!target) return void answer("400 Bad Request");
    const decision = await route(target.host, target.port);
    if (!decision.ok) {
      const status = `${decision.status} ${statusText(decision)}`;
      const said = `proxy-status: ${proxyStatus(decision)}\r\n`;
      return void answer(status, refusal(target.host, decision), said);
    }
    const upstream = net.connect({ host: decision.host, port: decision.port, allowHalfOpen: true });
    const failed = () => {
      upstream.destroy();
      answer("502 Bad Gateway", `egress to ${target.host} failed\n`);
    };
    const timer = setTimeout(failed, CONNECT_TIMEOUT_MS);
    upstream.once("close", () => clearTimeout(timer));
    upstream.once("error", failed);
    upstream.once("connect", () => {
      clearTimeout(timer);
      upstream.off("error", failed);
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (head.length > 0) upstream.write(head);
      join(client, upstream);
    });
  };

  const server = http.createServer((req, res) => {
    const url = req.url?.startsWith("http://") && URL.canParse(req.url) ? new URL(req.url) : undefined;
    if (!url)
      return void res.writeHead(400).end("this is a proxy: send an absolute http:// URL or CONNECT\n");
    forward(req, res, url).catch(() => res.destroy());
  });
  server.on("connect", (req: http.IncomingMessage, client: Duplex, head: Buffer) => {
    client.on("error", () => client.destroy());
    tunnel(req, client, head).catch(() => client.destroy());
  });
  server.requestTimeout = 0;
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}
