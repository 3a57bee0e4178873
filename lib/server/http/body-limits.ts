import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { MAX_REQUEST_BYTES } from "../gateway/request.ts";
import { singleton } from "../singleton.ts";
import { MAX_BODY_BYTES, MAX_UNKNOWN_BODY_BYTES } from "./limits.ts";

/** So much of a body that nobody reads is read on, so that its connection can serve the next request. */
const READ_ON_BYTES = 1_000_000;
/** How long a client has to read the answer to a request that it is still sending. */
const LINGER_MS = 1_000;
const TOO_LARGE = "HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/**
 * What a body may have before its connection is ended. The API's handlers refuse earlier, with a problem; this holds for
 * whatever reads a body in front of them, and for the pages, which the framework reads bodies for that nobody wants.
 */
function limitOf(url: string): number {
  if (url.startsWith("/api/gateway/")) return 2 * MAX_REQUEST_BYTES;
  return url.startsWith("/api/") ? 2 * MAX_BODY_BYTES : MAX_UNKNOWN_BODY_BYTES;
}

/** Whether a body may go on for longer than is worth reading it. */
function mayGoOn({ headers }: IncomingMessage): boolean {
  const announced = headers["content-length"];
  return announced === undefined
    ? headers["transfer-encoding"] !== undefined
    : Number(announced) > READ_ON_BYTES;
}

/** Counts what comes of a request's body, and ends its connection above the limit. */
function limitBody(request: IncomingMessage, response: ServerResponse): void {
  const limit = limitOf(request.url ?? "");
  // Its connection may have to be ended: a client must not send another request by it.
  if (mayGoOn(request)) response.shouldKeepAlive = false;
  let refused = false;
  const refuse = () => {
    if (refused) return;
    refused = true;
    if (!response.headersSent) request.socket.write(TOO_LARGE);
    request.socket.destroySoon();
  };
  // The API's own refusals say more.
  if (Number(request.headers["content-length"] ?? 0) > limit && !request.url?.startsWith("/api/")) refuse();
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
 * read on to its end and throw it away, for as long as somebody sends. Nothing more is read, and what was answered has
 * time to arrive (RFC 9112, section 9.6).
 */
function endUnread(request: IncomingMessage): void {
  const { socket } = request;
  if (request.complete || socket.destroyed || !mayGoOn(request)) return;
  // Behind the server's own listener, which has it read on.
  setImmediate(() => {
    socket.pause();
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
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
