import type { Duplex } from "node:stream";
import { EGRESS_PORT } from "./channel-settings.ts";
import { Mux } from "./mux.ts";

const DIAL_TIMEOUT_MS = 10_000;

/** Nothing listens on the port. */
export class PortClosedError extends Error {}

/**
 * The host's end of a sandbox's socket. Whatever comes from inside is taken as hostile: an error of the
 * protocol ends the channel, and with it the sandbox.
 */
export class Channel {
  private readonly mux: Mux;

  /**
   * `onTunnel` gets each byte stream that the sandbox opens to the egress proxy; `onClose` is told once that
   * nothing comes through.
   */
  constructor(socket: Duplex, onTunnel: (stream: Duplex) => void, onClose: () => void = () => undefined) {
    this.mux = new Mux(socket, {
      side: "host",
      onOpen: (stream, port) => {
        if (port !== EGRESS_PORT) return void stream.destroy();
        stream.accept();
        onTunnel(stream);
      },
      onClose,
    });
  }

  /**
   * Opens a byte stream to a port inside.
   * @throws PortClosedError if nothing listens there, or the sandbox is gone or does not answer in time.
   */
  dial(port: number, timeoutMs = DIAL_TIMEOUT_MS): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      if (this.mux.closed) return reject(new PortClosedError("the sandbox is gone"));
      const stream = this.mux.dial(port);
      const refused = () => {
        clearTimeout(timer);
        reject(new PortClosedError(`port ${port} is not open`));
      };
      const timer = setTimeout(() => {
        stream.off("close", refused);
        stream.destroy();
        reject(new PortClosedError(`port ${port} did not answer in time`));
      }, timeoutMs);
      stream.once("close", refused);
      stream.once("opened", () => {
        clearTimeout(timer);
        stream.off("close", refused);
        resolve(stream);
      });
    });
  }

  close(): void {
    this.mux.close();
  }
}
