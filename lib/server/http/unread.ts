import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { singleton } from "../singleton.ts";

/** How long a client has to read the answer to a request that it is still sending. */
const LINGER_MS = 1_000;

/**
 * Ends the connection of a request that was answered before all of it had come, as one that is too large: the server would
 * read on to its end and throw it away, for as long as somebody sends. Nothing more is read, and what was answered has
 * time to arrive (RFC 9112, section 9.6).
 * https://nodejs.org/api/diagnostics_channel.html#http (`http.server.response.finish`)
 */
export function endUnread(): void {
  singleton("unread", () => {
    diagnostics.subscribe("http.server.response.finish", (message) => {
      const { request } = message as { request: IncomingMessage };
      const { socket } = request;
      if (request.complete || socket.destroyed) return;
      // Behind the server's own listener, which has it read on.
      setImmediate(() => {
        request.removeAllListeners("data");
        socket.pause();
        setTimeout(() => socket.destroy(), LINGER_MS).unref();
      });
    });
    return true;
  });
}
