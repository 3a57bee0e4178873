import http2 from "node:http2";
import type { Duplex } from "node:stream";
import { CHANNEL_SETTINGS, CHANNEL_WINDOW_BYTES } from "./channel-settings.ts";
import { asTunnel } from "./tunnel.ts";

const DIAL_TIMEOUT_MS = 10_000;
/** Bounds what a sandbox can make this process hold for it. */
const MAX_SESSION_MEMORY_MB = 64;

/** Nothing listens on the port. */
export class PortClosedError extends Error {}

/**
 * The host's end of a sandbox's two sockets. Whatever comes from inside is taken as hostile: an error of the
 * protocol ends the channel, and with it the sandbox.
 */
export class Channel {
  private readonly inbound: http2.ClientHttp2Session;
  private readonly outbound: http2.ServerHttp2Session;

  /** `onTunnel` gets each byte stream that the sandbox opens to the egress proxy. */
  constructor(sockets: { inbound: Duplex; outbound: Duplex }, onTunnel: (stream: Duplex) => void) {
    this.inbound = http2.connect("http://envd", {
      createConnection: () => sockets.inbound,
      settings: CHANNEL_SETTINGS,
      peerMaxConcurrentStreams: CHANNEL_SETTINGS.maxConcurrentStreams,
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
    });
    this.inbound.on("error", () => this.close());
    this.inbound.on("close", () => this.close());
    this.inbound.once("connect", (session: http2.ClientHttp2Session) => {
      // A sandbox that spoke nonsense at once has ended it already.
      if (!session.destroyed) session.setLocalWindowSize(CHANNEL_WINDOW_BYTES);
    });
    this.outbound = http2.performServerHandshake(sockets.outbound, {
      settings: CHANNEL_SETTINGS,
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
    });
    this.outbound.on("error", () => this.close());
    this.outbound.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
      stream.on("error", () => stream.destroy());
      if (headers[":method"] !== "CONNECT") {
        stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
        return;
      }
      stream.respond({ ":status": 200 });
      onTunnel(asTunnel(stream));
    });
  }

  /**
   * Opens a byte stream to a port inside.
   * @throws PortClosedError if nothing listens there, or the sandbox is gone or does not answer in time.
   */
  dial(port: number, timeoutMs = DIAL_TIMEOUT_MS): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      if (this.inbound.destroyed || this.inbound.closed) {
        return reject(new PortClosedError("the sandbox is gone"));
      }
      const stream = this.inbound.request({ ":method": "CONNECT", ":authority": `127.0.0.1:${port}` });
      const fail = (reason: string) => {
        clearTimeout(timer);
        stream.on("error", () => stream.destroy());
        stream.close(http2.constants.NGHTTP2_CANCEL);
        reject(new PortClosedError(reason));
      };
      const timer = setTimeout(() => fail(`port ${port} did not answer in time`), timeoutMs);
      const onError = () => fail(`port ${port} cannot be reached`);
      stream.once("error", onError);
      stream.once("close", onError);
      stream.once("response", (headers) => {
        stream.off("error", onError);
        stream.off("close", onError);
        if (headers[":status"] !== 200) return fail(`port ${port} is not open`);
        clearTimeout(timer);
        resolve(asTunnel(stream));
      });
    });
  }

  close(): void {
    this.inbound.destroy();
    this.outbound.destroy();
  }
}
