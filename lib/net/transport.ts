/**
 * What became of a connection:
 * - `refused`: none was made, so nothing was sent
 * - `timeout`: it was not made, or nothing came, within the caller's limit
 * - `silent`: the request was sent, and the client gave up waiting for its answer
 * - `reset`: it broke; whether the request was carried out is unknown
 * - `unavailable`: what answered is not who was asked: a proxy, or a server that takes nothing now
 * - `full`: the service is there, and has no room to store anything
 */
export type TransportKind = "refused" | "timeout" | "silent" | "reset" | "unavailable" | "full";

/** The web framework loads this module once for each of its bundles, and what one throws another tells apart. */
const MARK = Symbol.for("studio.transport-error");

/** A request that no service answered. The error underneath is its `cause`. */
export class TransportError extends Error {
  readonly kind: TransportKind;
  readonly [MARK] = true;

  constructor(kind: TransportKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TransportError";
    this.kind = kind;
  }
}

/** Codes of Node's sockets, DNS and TLS, and of undici (https://github.com/nodejs/undici/blob/main/lib/core/errors.js). */
const KINDS: Record<string, TransportKind> = {
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "refused",
  ENETUNREACH: "refused",
  ENOTFOUND: "refused",
  EAI_AGAIN: "refused",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "silent",
  UND_ERR_BODY_TIMEOUT: "silent",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
  UND_ERR_CLOSED: "reset",
  UND_ERR_DESTROYED: "reset",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "reset",
  ERR_STREAM_PREMATURE_CLOSE: "reset",
  ERR_HTTP2_STREAM_ERROR: "reset",
  ERR_HTTP2_SESSION_ERROR: "reset",
  ERR_HTTP2_GOAWAY_SESSION: "reset",
  CERT_HAS_EXPIRED: "unavailable",
  DEPTH_ZERO_SELF_SIGNED_CERT: "unavailable",
  ERR_TLS_CERT_ALTNAME_INVALID: "unavailable",
};
/** How many causes of causes are looked at. */
const MAX_DEPTH = 5;

/**
 * What became of the connection, by the codes of an error and of its causes, never by their texts.
 * @returns undefined where the error is none of a connection, as for a bug or a refusal
 */
export function transportKindOf(error: unknown): TransportKind | undefined {
  let at = error;
  for (let depth = 0; depth < MAX_DEPTH && at instanceof Error; depth += 1) {
    if (MARK in at) return (at as TransportError).kind;
    // `AbortSignal.timeout` aborts with a DOMException of this name.
    if (at.name === "TimeoutError" && at instanceof DOMException) return "timeout";
    const code = "code" in at && typeof at.code === "string" ? at.code : "";
    const kind = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
    if (kind) return kind;
    at = at.cause;
  }
  return undefined;
}

/** An error and its causes as one line for a log. */
export function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const texts: string[] = [];
  for (let at: unknown = error; at instanceof Error && texts.length < MAX_DEPTH; at = at.cause)
    texts.push(at.message);
  return texts.join(": ");
}
