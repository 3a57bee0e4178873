import { randomBytes } from "node:crypto";
import http2 from "node:http2";
import { type Duplex, duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { Channel, PortClosedError } from "../../../lib/sandbox-host/channel.ts";

/** A channel whose other side is in a stranger's hands. */
function channelTo(): { channel: Channel; inbound: Duplex; outbound: Duplex; tunnels: () => number } {
  const [hostIn, inbound] = duplexPair();
  const [hostOut, outbound] = duplexPair();
  let opened = 0;
  const channel = new Channel({ inbound: hostIn, outbound: hostOut }, (stream) => {
    opened += 1;
    stream.destroy();
  });
  for (const side of [inbound, outbound]) side.on("error", () => side.destroy());
  return { channel, inbound, outbound, tunnels: () => opened };
}

test("an envd that answers garbage loses its channel, and nothing else happens", async () => {
  for (const garbage of [
    randomBytes(10_000),
    Buffer.from("HTTP/1.1 200 OK\r\n\r\n"),
    Buffer.alloc(5_000, 255),
  ]) {
    const { channel, inbound, outbound } = channelTo();
    const dialled = channel.dial(80, 5_000);
    inbound.write(garbage);
    outbound.write(garbage);
    await expect(dialled).rejects.toThrow(PortClosedError);
    await expect(channel.dial(80, 5_000)).rejects.toThrow(PortClosedError);
    channel.close();
  }
});

test("a frame of 16 MB is refused by its head, before it is read", async () => {
  const { channel, inbound } = channelTo();
  const dialled = channel.dial(80, 5_000);
  // Length, type DATA, no flags, stream 1 (RFC 9113, section 4.1).
  inbound.write(Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]));
  await expect(dialled).rejects.toThrow(PortClosedError);
  channel.close();
});

test("an envd that never answers keeps nobody waiting for ever", async () => {
  const { channel } = channelTo();
  await expect(channel.dial(80, 200)).rejects.toThrow(/did not answer in time/);
  channel.close();
});

test("from inside only tunnels are taken, and not more at once than agreed", async () => {
  const { channel, outbound, tunnels } = channelTo();
  const client = http2.connect("http://host", { createConnection: () => outbound });
  client.on("error", () => undefined);
  const refused = client.request({ ":path": "/etc/passwd" });
  refused.on("error", () => undefined);
  await new Promise((resolve) => refused.once("close", resolve));
  expect(refused.rstCode).toBe(http2.constants.NGHTTP2_REFUSED_STREAM);
  expect(tunnels()).toBe(0);
  const tunnel = client.request({ ":method": "CONNECT", ":authority": "egress" });
  tunnel.on("error", () => undefined);
  await new Promise((resolve) => tunnel.once("close", resolve));
  expect(tunnels()).toBe(1);
  expect(client.remoteSettings.maxConcurrentStreams).toBe(1024);
  client.destroy();
  channel.close();
});
