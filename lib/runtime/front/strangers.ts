import type { Duplex } from "node:stream";

/** What a client that nobody has vouched for may take up. Whoever has signed in has the protocol's own limits. */
export const STRANGER = {
  /** Bytes of one message. */
  messageBytes: 4 * 1024 * 1024,
  /** Messages that were received and not yet handled, in bytes. */
  waitingBytes: 8 * 1024 * 1024,
  subscriptions: 64,
  /** Mutations and actions under way. */
  calls: 32,
  /** A connection on which nothing comes for this long is ended; a client that is alive connects again. */
  idleMs: 60_000,
  /** Connections; above that the oldest one is ended. */
  sockets: 256,
} as const;

/** Live queries of one connection that has signed in: a server follows thousands, a page some dozens. */
export const MAX_SUBSCRIPTIONS = 10_000;

/**
 * Counts what comes on a socket since its last whole message: a WebSocket library holds a message until it is whole, up
 * to a limit that is the same for all clients.
 */
export class MessageSize {
  #bytes = 0;

  /** @param onTooLarge called where more has come than a stranger's message may have, as long as `isStranger` */
  constructor(socket: Duplex, isStranger: () => boolean, onTooLarge: () => void) {
    socket.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#bytes > STRANGER.messageBytes && isStranger()) onTooLarge();
    });
  }

  /** A message was whole. */
  next(): void {
    this.#bytes = 0;
  }
}
