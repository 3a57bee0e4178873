import dns from "node:dns/promises";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import type { Duplex } from "node:stream";
import { join } from "../join.ts";
import { HOP_BY_HOP } from "#net/hop-by-hop.ts";
import type { PublicAddresses } from "./public-addresses.ts";
import type { RefusalKind } from "./refusals.ts";
import {
  allowsAddress,
  allowsPublished,
  type Destination,
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
  /** Which addresses count as public. */
  addresses: PublicAddresses;
}

/** All addresses of a name; rejects with a `code` if there is none. */
type Lookup = (host: string) => Promise<string[]>;

const systemLookup: Lookup = async (host) =>
  (await dns.lookup(host, { all: true })).map((found) => found.address);

interface Refusal {
  ok: false;
  kind: RefusalKind;
  reason: string;
}
/** `published` is set where it leads to a published name; else `host` is an address. */
type Decision = { ok: true; host: string; port: number; published: boolean } | Refusal;

const REASONS: Record<Exclude<RefusalKind, "unresolved">, string> = {
  policy: "the sandbox's network rules do not allow it",
  private: "its address is not public",
  operator: "the operator's list does not have it",
};
const refuse = (kind: keyof typeof REASONS, reason = REASONS[kind]): Decision => ({
  ok: false,
  kind,
  reason,
});

const CONNECT_TIMEOUT_MS = 30_000;
const LOOPBACK = "127.0.0.1";
/** Characters of a name (RFC 1035). */
const MAX_NAME_CHARS = 253;

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
  { host, port }: Destination,
  lookup: Lookup,
): Promise<Decision> {
  const destination = { host, port };
  const namesakes = policy.published.filter((p) => p.name === host);
  if (namesakes.length > 0) {
    const published = namesakes.find((p) => p.port === port);
    if (!published) return refuse("operator", "the name is published on another port");
    if (!allowsPublished(rules, destination)) return refuse("policy");
    return { ok: true, host: LOOPBACK, port: published.targetPort, published: true };
  }
  const inCeiling = policy.ceiling.some(
    (target) => matchesName(target.host, host) && (target.port === undefined || target.port === port),
  );
  if (policy.ceiling.length > 0 && !inCeiling) return refuse("operator");
  let addresses: string[];
  if (net.isIP(host)) {
    addresses = [host];
  } else {
    // Names that nothing allows are not even looked up: a lookup itself can carry data out.
    if (!mayAllow(rules, destination)) return refuse("policy");
    try {
      addresses = await lookup(host);
    } catch (error) {
      const reason = `the name does not resolve (${(error as NodeJS.ErrnoException).code})`;
      return { ok: false, kind: "unresolved", reason };
    }
  }
  const allowed = addresses.filter((address) => allowsAddress(rules, destination, address));
  if (allowed.length === 0) return refuse("policy");
  const own = ownAddresses();
  const address = allowed.find((a) => policy.addresses.has(a) && !own.has(a));
  return address === undefined ? refuse("private") : { ok: true, host: address, port, published: false };
}

/** The host and port of a CONNECT request. URL makes one address of its many spellings, such as 127.1. */
function parseAuthority(authority: string): Destination | undefined {
  const [, host = "", port = ""] = /^([^/?#@\\\s]+):(\d{1,5})$/.exec(authority) ?? [];
  if (!URL.canParse(`http://${host}`) || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return destinationOf(new URL(`http://${host}`).hostname, Number(port));
}

/** A destination in its one spelling; undefined for a name that is longer than any can be. */
function destinationOf(hostname: string, port: number): Destination | undefined {
  const host = normalizeHost(hostname);
  return host.length > MAX_NAME_CHARS ? undefined : { host, port };
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
const refusal = (host: string, { kind, reason }: Refusal): string =>
  kind !== "unresolved"
    ? `${POLICY} does not let this sandbox reach ${host}: ${reason}\n`
    : `This sandbox cannot reach ${host}: ${reason}\n`;
/** What programs show that show no body, such as pip. */
const statusText = ({ kind }: Refusal): string =>
  kind === "unresolved" ? "Bad Gateway" : `Blocked by ${POLICY}`;
const statusOf = ({ kind }: Refusal): number => (kind === "unresolved" ? 502 : 403);
/** RFC 9209: that it was this proxy, and why. */
const proxyStatus = ({ kind, reason }: Refusal): string =>
  `studio; error=${kind === "unresolved" ? "dns_error" : "http_request_denied"}; details="${reason.replaceAll(/["\\]/g, "")}"`;

export interface EgressOptions {
  policy: EgressPolicy;
  /** The sandbox's rules at this moment; they may change while it runs. */
  rules: () => NetworkRules;
  /** Told of every refusal. */
  onRefused: (destination: Destination, kind: RefusalKind, reason: string) => void;
  /** How names are resolved; the system's way if not given. */
  lookup?: Lookup;
}

/** A connection that was let through. */
interface Passage {
  destination: Destination;
  /** Undefined for a published name. */
  address: string | undefined;
  end: () => void;
}

/** A sandbox's proxy; after a change of its rules, `recheck` ends what they no longer allow. */
export type EgressProxy = http.Server & { recheck: () => void };

/**
 * The HTTP proxy of one sandbox, the only way out of it: absolute-form requests and CONNECT tunnels. It takes
 * connections by `emit("connection", stream)` and listens nowhere.
 */
export function createEgressProxy(options: EgressOptions): EgressProxy {
  const { policy, rules, onRefused, lookup = systemLookup } = options;
  const open = new Set<Passage>();
  const route = async (destination: Destination): Promise<Decision> => {
    const decision = await decide(policy, rules(), destination, lookup);
    if (!decision.ok) onRefused(destination, decision.kind, decision.reason);
    return decision;
  };
  const isAllowed = ({ destination, address }: Passage): boolean =>
    address === undefined
      ? allowsPublished(rules(), destination)
      : allowsAddress(rules(), destination, address);
  /** Keeps a connection in mind for as long as `stream` is open. */
  const note = (
    destination: Destination,
    decision: { host: string; published: boolean },
    stream: { once: (event: "close", listener: () => void) => unknown; destroy: (error: Error) => unknown },
  ): void => {
    const passage = {
      destination,
      address: decision.published ? undefined : decision.host,
      // With an error, so that one that still connects is answered.
      end: () => void stream.destroy(new Error("the sandbox's network rules have changed")),
    };
    open.add(passage);
    stream.once("close", () => open.delete(passage));
    // The rules may have changed while its name was looked up.
    if (!isAllowed(passage)) passage.end();
  };

  const forward = async (
    req: http.IncomingMessage,
    res: http.ServerResponse,
    url: URL,
    destination: Destination,
  ): Promise<void> => {
    const { host } = destination;
    const decision = await route(destination);
    if (!decision.ok) {
      res.writeHead(statusOf(decision), statusText(decision), { "proxy-status": proxyStatus(decision) });
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
    note(destination, decision, upstream);
    res.on("close", () => upstream.destroy());
    req.on("error", () => upstream.destroy());
    req.pipe(upstream);
  };

  const tunnel = async (req: http.IncomingMessage, client: Duplex, head: Buffer): Promise<void> => {
    const answer = (status: string, body = "", headers = "") =>
      client.end(`HTTP/1.1 ${status}\r\n${headers}connection: close\r\n\r\n${body}`);
    const target = parseAuthority(req.url ?? "");
    if (!target) return void answer("400 Bad Request");
    const decision = await route(target);
    if (!decision.ok) {
      const status = `${statusOf(decision)} ${statusText(decision)}`;
      const said = `proxy-status: ${proxyStatus(decision)}\r\n`;
      return void answer(status, refusal(target.host, decision), said);
    }
    const upstream = net.connect({ host: decision.host, port: decision.port, allowHalfOpen: true });
    const failed = () => {
      upstream.destroy();
      answer("502 Bad Gateway", `egress to ${target.host} failed\n`);
    };
    note(target, decision, upstream);
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
    const destination = destinationOf(url.hostname, Number(url.port || 80));
    if (!destination) return void res.writeHead(400).end("the host's name is too long\n");
    forward(req, res, url, destination).catch(() => res.destroy());
  });
  server.on("connect", (req: http.IncomingMessage, client: Duplex, head: Buffer) => {
    client.on("error", () => client.destroy());
    tunnel(req, client, head).catch(() => client.destroy());
  });
  server.requestTimeout = 0;
  server.on("clientError", (_error, socket) => socket.destroy());
  const recheck = () => {
    for (const passage of open) if (!isAllowed(passage)) passage.end();
  };
  return Object.assign(server, { recheck });
}
