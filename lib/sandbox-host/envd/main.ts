/**
 * envd: E2B's in-sandbox daemon. It runs inside the walls, so every path, link and pid it touches is the
 * sandbox's own. Its only ways out are two inherited sockets, each of them one HTTP/2 connection that
 * carries CONNECT tunnels: descriptor 3 from the host to a port in here, descriptor 4 from here to the
 * host's egress proxy.
 */
import http2 from "node:http2";
import net from "node:net";
import { CHANNEL_SETTINGS, CHANNEL_WINDOW_BYTES, EGRESS_PORT, ENVD_PORT } from "../channel-settings.ts";
import { join } from "../join.ts";
import { asTunnel } from "../tunnel.ts";
import { createEnvdServer } from "./server.ts";

const INBOUND_FD = 3;
const OUTBOUND_FD = 4;

// A file that grows over its limit is an error of whoever writes it, and no end of this process.
process.on("SIGXFSZ", () => undefined);

const envd = createEnvdServer();

/** Connects to a port in here, by IPv4 and then by IPv6: servers listen on one or the other. */
function connectPort(stream: http2.ServerHttp2Stream, port: number, hosts: string[]): void {
  const [host, ...rest] = hosts;
  if (host === undefined) {
    stream.respond({ ":status": 502 }, { endStream: true });
    return;
  }
  const socket = net.connect({ host, port, allowHalfOpen: true });
  const retry = () => {
    if (!stream.destroyed) connectPort(stream, port, rest);
  };
  socket.once("error", retry);
  socket.once("connect", () => {
    socket.off("error", retry);
    if (stream.destroyed) return void socket.destroy();
    socket.setNoDelay(true);
    stream.respond({ ":status": 200 });
    join(socket, asTunnel(stream));
  });
}

const inbound = http2.performServerHandshake(new net.Socket({ fd: INBOUND_FD }), {
  settings: CHANNEL_SETTINGS,
});
inbound.setLocalWindowSize(CHANNEL_WINDOW_BYTES);
inbound.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
  stream.on("error", () => stream.destroy());
  const port = Number(String(headers[":authority"]).split(":").pop());
  if (port !== ENVD_PORT) return connectPort(stream, port, ["127.0.0.1", "::1"]);
  stream.respond({ ":status": 200 });
  envd.emit("connection", asTunnel(stream));
});
// Without its host, a sandbox has no reason to be.
inbound.on("close", () => process.exit(0));
inbound.on("error", () => process.exit(1));

const outbound = http2.connect("http://host", {
  createConnection: () => new net.Socket({ fd: OUTBOUND_FD }),
  settings: CHANNEL_SETTINGS,
});
outbound.on("error", () => process.exit(1));

net
  .createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    const tunnel = outbound.request({ ":method": "CONNECT", ":authority": "egress" });
    tunnel.on("error", () => socket.destroy());
    join(socket, asTunnel(tunnel));
  })
  .listen(EGRESS_PORT, "127.0.0.1");
