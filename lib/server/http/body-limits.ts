import { randomUUID } from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { IMPORT_LIMITS } from "#domain/import-limits.ts";
import { MAX_REQUEST_BYTES } from "../gateway/request.ts";
import { singleton } from "../singleton.ts";
import { tooLargeBody } from "./bounded.ts";
import { problemOf } from "./error.ts";
import { MAX_BODY_BYTES, MAX_UNKNOWN_BODY_BYTES } from "./limits.ts";

/** A push of more is one of files that belong elsewhere; GitHub takes 2 GB. */
const MAX_PACK_BYTES = 2_000_000_000;
/** So much of a body that nobody reads is read on, so that its connection can serve the next request. */
const READ_ON_BYTES = 1_000_000;
/** How long a client has to read the answer to a request that it is still sending. */
const LINGER_MS = 1_000;

/** What a handler takes at most. */
function allowedAt(url: string): number {
  if (url.startsWith("/api/gateway/")) return MAX_REQUEST_BYTES;
  // A pack is passed on as it comes, and never held as a whole.
  if (url.startsWith("/api/git/")) return MAX_PACK_BYTES;
  if (/^\/(?:studio\/)?api\/v1\/sessions\/import(?:\?|$)/.test(url)) return IMPORT_LIMITS.bytes;
  return url.startsWith("/api/") && !url.startsWith("/api/auth/") ? MAX_BODY_BYTES : MAX_UNKNOWN_BODY_BYTES;
}

/** Whether a body may go on for longer than is worth reading it. */
function mayGoOn({ headers }: IncomingMessage): boolean {
  const announced = headers["content-length"];
  return announced === undefined
    ? headers["transfer-encoding"] !== undefined
    : Number(announced) > READ_ON_BYTES;
}

/** The whole answer to a request whose body is too long for anything here, as it goes over the wire. */
function refusal(url: string, maxBytes: number): string {
  const requestId = randomUUID();
  const problem = problemOf(tooLargeBody(maxBytes), url.split("?", 1)[0] ?? url, requestId);
  const body = JSON.stringify(problem);
  return [
    "HTTP/1.1 413 Content Too Large",
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    "cache-control: no-store",
    "connection: close",
    "",
    body,
  ].join("\r\n");
}

/**
 * Ends a connection whose client is still sending, once it has had time to read its answer: ended at once, with bytes
 * that nobody read, it is reset, and the client may lose the answer (RFC 9112, section 9.6). Nothing more is read.
 */
function endInTime(socket: Socket): void {
  socket.pause();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** Counts what comes of a request's body, and ends its connection above the limit. */
function limitBody(request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? "";
  const allowed = allowedAt(url);
  // The API's handlers refuse earlier, and for their own reasons. This holds for what reads a body in front of them, and
  // for the pages, which the framework reads bodies for that nobody wants.
  const limit = url.startsWith("/api/") ? 2 * allowed : allowed;
  // Its connection may have to be ended: a client must not send another request by it.
  if (mayGoOn(request)) response.shouldKeepAlive = false;
  let refused = false;
  const refuse = () => {
    if (refused) return;
    refused = true;
    if (!response.headersSent) request.socket.write(refusal(url, allowed));
    endInTime(request.socket);
  };
  if (Number(request.headers["content-length"] ?? 0) > limit && !url.startsWith("/api/")) refuse();
  let size = 0;
  const push = request.push.bind(request);
  request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    size += chunk?.length ?? 0;
    if (size > limit) refuse();
    return refused && chunk !== null ? false : push(chunk, encoding);
  };
}

/**
 * Ends the connection of a request that was answered before all of it had come, as one that is too large: the server would
 * read on to its end and throw it away, for as long as somebody sends.
 */
function endUnread(request: IncomingMessage): void {
  const { socket } = request;
  if (request.complete || socket.destroyed || !mayGoOn(request)) return;
  // The server's own way closes both directions as soon as the answer is written.
  socket.destroySoon = () => void socket.end();
  // Behind the server's own listener, which has it read on.
  setImmediate(() => endInTime(socket));
}

/** Bounds every request's body, whatever handles it: https://nodejs.org/api/diagnostics_channel.html#http */
export function limitBodies(): void {
  singleton("body-limits", () => {
    diagnostics.subscribe("http.server.request.start", (message) => {
      const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
      limitBody(request, response);
    });
    diagnostics.subscribe("http.server.response.finish", (message) =>
      endUnread((message as { request: IncomingMessage }).request),
    );
    return true;
  });
}
