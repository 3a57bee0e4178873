/**
 * envd: E2B's in-sandbox daemon. It runs inside the walls, so every path, link and pid it touches is the
 * sandbox's own. Its only way out is an inherited socket, which carries streams both ways: from the host to a
 * port in here, and from here to the host's egress proxy.
 * What it loads is what starting a sandbox costs: modules that few sandboxes need are loaded when they do.
 */
import net from "node:net";
import { EGRESS_PORT, ENVD_PORT } from "../channel-settings.ts";
import { join } from "../join.ts";
import { Mux, type MuxStream } from "../mux.ts";
import { createEnvdServer } from "./server.ts";

const CHANNEL_FD = 3;

// A file that grows over its limit is an error of whoever writes it, and no end of this process.
process.on("SIGXFSZ", () => undefined);

/** Lets programs in here reach the host's proxy. */
const listening = () =>
  new Promise<void>((resolve, reject) => {
    net
      .createServer({ allowHalfOpen: true }, (socket) => {
        socket.on("error", () => socket.destroy());
        try {
          join(socket, mux.dial(EGRESS_PORT));
        } catch {
          // As many connections as there may be are open.
          socket.destroy();
        }
      })
      .once("error", reject)
      .listen(EGRESS_PORT, "127.0.0.1", resolve);
  });

const envd = createEnvdServer(listening);

/** Connects to a port in here, by IPv4 and then by IPv6: servers listen on one or the other. */
function connectPort(stream: MuxStream, port: number, hosts: string[]): void {
  const [host, ...rest] = hosts;
  if (host === undefined) return void stream.destroy();
  const socket = net.connect({ host, port, allowHalfOpen: true });
  const retry = () => {
    if (!stream.destroyed) connectPort(stream, port, rest);
  };
  socket.once("error", retry);
  socket.once("connect", () => {
    socket.off("error", retry);
    if (stream.destroyed) return void socket.destroy();
    socket.setNoDelay(true);
    stream.accept();
    join(socket, stream);
  });
}

const mux = new Mux(new net.Socket({ fd: CHANNEL_FD }), {
  side: "envd",
  onOpen: (stream, port) => {
    if (port !== ENVD_PORT) return connectPort(stream, port, ["127.0.0.1", "::1"]);
    stream.accept();
    envd.emit("connection", stream);
  },
  // Without its host, a sandbox has no reason to be.
  onClose: () => process.exit(0),
});
