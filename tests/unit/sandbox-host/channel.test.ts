import { randomBytes } from "node:crypto";
import { type Duplex, duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { Channel, PortClosedError } from "#sandbox-host/channel.ts";
import { EGRESS_PORT } from "#sandbox-host/channel-settings.ts";
import { MAX_STREAMS, Mux, type MuxStream } from "#sandbox-host/mux.ts";

/** A channel whose other side is in a stranger's hands. */
function channelTo(): { channel: Channel; inside: Duplex; tunnels: Duplex[] } {
  const [host, inside] = duplexPair();
  const tunnels: Duplex[] = [];
  const channel = new Channel(host, (stream) => tunnels.push(stream));
  inside.on("error", () => inside.destroy());
  return { channel, inside, tunnels };
}

const [OPEN, OPENED, DATA, END, WINDOW, RESET] = [1, 2, 3, 4, 5, 6];

/** A frame as mux.ts describes it; `length` may lie about the payload. */
function frame(type: number, id: number, payload: Buffer = Buffer.alloc(0), length = payload.length): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(type * 2 ** 24 + length, 0);
  head.writeUInt32BE(id, 4);
  return Buffer.concat([head, payload]);
}

const port = (number: number): Buffer => Buffer.from([number >> 8, number & 255]);

test("an envd that answers garbage loses its channel, and nothing else happens", async () => {
  for (const garbage of [
    randomBytes(10_000).fill(9, 0, 1),
    Buffer.from("HTTP/1.1 200 OK\r\n\r\n"),
    Buffer.alloc(5_000, 255),
    frame(OPENED, 77),
    frame(WINDOW, 2, Buffer.alloc(4, 255)),
    frame(DATA, 4, Buffer.alloc(10)),
    frame(OPEN, 2, port(EGRESS_PORT)),
    Buffer.concat([frame(OPEN, 5, port(EGRESS_PORT)), frame(OPEN, 3, port(EGRESS_PORT))]),
  ]) {
    const { channel, inside } = channelTo();
    const dialled = channel.dial(80, 5_000);
    inside.write(garbage);
    await expect(dialled).rejects.toThrow(PortClosedError);
    await expect(channel.dial(80, 5_000)).rejects.toThrow(PortClosedError);
    channel.close();
  }
});

test("a frame that is too large is refused by its head, before it is read", async () => {
  for (const [type, length] of [
    [DATA, 2 ** 24 - 1],
    [DATA, 2 ** 16 + 1],
    [OPEN, 3],
  ] as const) {
    const { channel, inside } = channelTo();
    const dialled = channel.dial(80, 5_000);
    inside.write(frame(type, type === OPEN ? 1 : 2, Buffer.alloc(0), length));
    await expect(dialled).rejects.toThrow(PortClosedError);
    channel.close();
  }
});

test("an envd that sends more than it was granted loses its channel", async () => {
  const { channel, inside, tunnels } = channelTo();
  inside.write(frame(OPEN, 1, port(EGRESS_PORT)));
  const granted = Buffer.alloc(2 ** 16);
  inside.write(frame(DATA, 1, granted));
  await expect.poll(() => tunnels.length).toBe(1);
  expect(tunnels[0]?.destroyed).toBe(false);
  // Nobody reads, so nothing more is granted.
  inside.write(frame(DATA, 1, Buffer.alloc(1)));
  await expect.poll(() => tunnels[0]?.destroyed).toBe(true);
  await expect(channel.dial(80, 5_000)).rejects.toThrow(PortClosedError);
});

test("what comes byte by byte while nobody reads arrives as it was sent", async () => {
  const { channel, inside, tunnels } = channelTo();
  inside.write(frame(OPEN, 1, port(EGRESS_PORT)));
  const bytes = randomBytes(2 ** 16);
  const frames = Array.from(bytes, (_, i) => frame(DATA, 1, bytes.subarray(i, i + 1)));
  const sent = Buffer.concat([
    ...frames.slice(0, -5_000),
    frame(DATA, 1, bytes.subarray(-5_000)),
    frame(END, 1),
  ]);
  // In pieces that no frame fits in, and that cut heads in two.
  for (let at = 0; at < sent.length; at += 997) inside.write(sent.subarray(at, at + 997));
  await expect.poll(() => tunnels.length).toBe(1);
  const [tunnel] = tunnels;
  if (!tunnel) throw new Error("no tunnel");
  expect((await buffer(tunnel)).equals(bytes)).toBe(true);
  channel.close();
});

test("an envd that never answers keeps nobody waiting for ever", async () => {
  const { channel } = channelTo();
  await expect(channel.dial(80, 200)).rejects.toThrow(/did not answer in time/);
  channel.close();
});

test("an envd that asks without end and never reads is cut off", async () => {
  const { channel, inside } = channelTo();
  inside.pause();
  const rounds = Array.from({ length: 4_000 }, (_, i) => frame(OPEN, 2 * i + 1, port(80)));
  const flood = Buffer.concat(rounds);
  let at = 2 * rounds.length + 1;
  while (!inside.destroyed && at < 8_000_000) {
    inside.write(flood);
    await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < rounds.length; i++, at += 2) flood.writeUInt32BE(at, i * 10 + 4);
    if (
      await channel.dial(1, 1).then(
        () => false,
        (error: Error) => error.message.includes("gone"),
      )
    )
      return;
  }
  throw new Error("it goes on");
}, 30_000);

test("from inside only tunnels to the proxy are taken, and not more at once than agreed", async () => {
  const { channel, inside, tunnels } = channelTo();
  const answers: Buffer[] = [];
  inside.on("data", (bytes: Buffer) => answers.push(bytes));
  inside.write(frame(OPEN, 1, port(80)));
  for (let i = 1; i <= MAX_STREAMS + 1; i++) inside.write(frame(OPEN, 2 * i + 1, port(EGRESS_PORT)));
  await expect.poll(() => tunnels.length).toBe(MAX_STREAMS);
  const types = Buffer.concat(answers).filter((_, i) => i % 8 === 0);
  expect(types[0]).toBe(RESET);
  expect(types.filter((type) => type === OPENED).length).toBe(MAX_STREAMS);
  expect(types.at(-1)).toBe(RESET);
  channel.close();
  expect(tunnels.every((tunnel) => tunnel.destroyed)).toBe(true);
});

/** Two ends that speak with each other; envd's hands over what the host opens. */
function ends(onOpen: (stream: MuxStream, port: number) => void): { host: Mux; envd: Mux } {
  const [a, b] = duplexPair();
  const host = new Mux(a, { side: "host", onOpen: (stream) => stream.destroy(), onClose: () => undefined });
  const envd = new Mux(b, { side: "envd", onOpen, onClose: () => undefined });
  return { host, envd };
}

test("megabytes cross unharmed on many streams at once, both ways, and both ends are seen to end", async () => {
  const { host } = ends((stream) => {
    stream.accept();
    stream.pipe(stream);
  });
  const echoes = Array.from({ length: 8 }, async (_, i) => {
    const bytes = randomBytes(3_000_000 + i);
    const stream = host.dial(i + 1);
    stream.end(bytes);
    expect((await buffer(stream)).equals(bytes)).toBe(true);
  });
  await Promise.all(echoes);
  host.close();
});

test("a reader that stands still stops its writer, and nobody else", async () => {
  const taken: MuxStream[] = [];
  const { host } = ends((stream, number) => {
    stream.accept();
    if (number === 1) taken.push(stream);
    else stream.pipe(stream);
  });
  const slow = host.dial(1);
  let sent = 0;
  const write = () => {
    while (sent < 50_000_000 && slow.write(Buffer.alloc(50_000))) sent += 50_000;
  };
  slow.on("drain", write);
  write();
  const quick = host.dial(2);
  quick.end(Buffer.alloc(5_000_000, 7));
  expect((await buffer(quick)).length).toBe(5_000_000);
  expect(sent).toBeLessThan(1_000_000);
  let received = 0;
  taken[0]?.on("data", (bytes: Buffer) => (received += bytes.length));
  await expect.poll(() => received, { timeout: 10_000 }).toBeGreaterThanOrEqual(50_000_000);
  host.close();
});

test("a stream that is given up is known to be, and what was sent before its end still arrives", async () => {
  let inside: MuxStream | undefined;
  const { host } = ends((stream) => {
    inside = stream;
    stream.accept();
  });
  const given = host.dial(1);
  given.write("half");
  await expect.poll(() => inside !== undefined).toBe(true);
  given.destroy();
  await expect.poll(() => inside?.destroyed).toBe(true);
  inside = undefined;
  const ended = host.dial(1);
  ended.end("all of it");
  await expect.poll(() => inside !== undefined).toBe(true);
  await expect.poll(() => ended.writableFinished).toBe(true);
  ended.destroy();
  const stream = inside as unknown as MuxStream;
  expect(String(await buffer(stream))).toBe("all of it");
  await expect.poll(() => stream.destroyed).toBe(true);
  host.close();
});
