import { HOP_BY_HOP } from "#net/hop-by-hop.ts";
import type { WireFormat } from "#domain/catalog.ts";

/** What is not passed on to a provider: the sandbox's token, and what says who asks, or whose account pays. */
const KEPT_FROM_PROVIDER = [
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "cookie",
  "host",
  "content-length",
  "expect",
  "accept-encoding",
  "forwarded",
  "via",
  "x-real-ip",
  "openai-organization",
  "openai-project",
  "x-goog-user-project",
];

/** What is not passed on to a sandbox: the connection's own, and whose account the key belongs to. */
const KEPT_FROM_SANDBOX = [
  "content-encoding",
  "content-length",
  "set-cookie",
  "openai-organization",
  "openai-project",
  "anthropic-organization-id",
  // The gateway's own: see wire.ts.
  "x-studio-refusal",
];

function without(headers: Headers, names: readonly string[]): Headers {
  const named = (headers.get("connection") ?? "").split(",").map((name) => name.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...named, ...names]);
  return new Headers([...headers].filter(([name]) => !dropped.has(name) && !name.startsWith("x-forwarded-")));
}

/** The session's token, from where each provider's package puts its key. */
export function tokenOf(request: { headers: Headers; url: string }): string | undefined {
  const { headers } = request;
  return (
    /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1] ??
    headers.get("x-api-key") ??
    headers.get("x-goog-api-key") ??
    new URL(request.url).searchParams.get("key") ??
    undefined
  );
}

/** The query string without the sandbox's token, every other byte as it came. */
export function queryWithoutKey(url: string): string {
  const { search } = new URL(url);
  const kept = search
    .slice(1)
    .split("&")
    .filter((pair) => pair !== "" && !new URLSearchParams(pair).has("key"));
  return kept.length > 0 ? `?${kept.join("&")}` : "";
}

const KEY_HEADERS: Record<WireFormat, (key: string) => [string, string]> = {
  "openai-chat": (key) => ["authorization", `Bearer ${key}`],
  "openai-responses": (key) => ["authorization", `Bearer ${key}`],
  anthropic: (key) => ["x-api-key", key],
  google: (key) => ["x-goog-api-key", key],
};

/** The headers of a call to a provider: the real key where its format wants it, and an answer that can be read. */
export function requestHeaders(headers: Headers, format: WireFormat, key: string | null): Headers {
  const sent = without(headers, KEPT_FROM_PROVIDER);
  sent.set("accept-encoding", "identity");
  if (key !== null) sent.set(...KEY_HEADERS[format](key));
  return sent;
}

/** The headers of a provider's answer, as the sandbox may have them. */
export function responseHeaders(headers: Headers, requestId: string): Headers {
  const sent = without(headers, KEPT_FROM_SANDBOX);
  // A server in front would gather the stream to compress it, and the first word would wait.
  const cache = sent.get("cache-control");
  if (!cache?.includes("no-transform"))
    sent.set("cache-control", cache ? `${cache}, no-transform` : "no-transform");
  sent.set("x-studio-request-id", requestId);
  return sent;
}

/** The time that a provider asks to wait, from the headers of its answer. */
export function retryAfterMs(headers: Headers, now: Date): number | undefined {
  const exact = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (exact > 0) return Math.round(exact);
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const seconds = Number(text);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - now.getTime();
  return wait > 0 ? Math.round(wait) : undefined;
}
