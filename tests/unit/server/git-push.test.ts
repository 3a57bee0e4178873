import { expect, test } from "vitest";
import { TooLarge } from "#net/body.ts";
import { FLUSH, NotPktLine, pktLine, PktReader } from "#net/pkt-line.ts";
import { MAX_COMMANDS_BYTES, PushReport, readCommands, refusedPush } from "#server/git/push-commands.ts";

const ZERO = "0".repeat(40);
const ONE = "1".repeat(40);

/** Bytes as they come, in pieces of any size. */
function streamOf(bytes: Buffer, size = bytes.length): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(new Uint8Array(bytes.subarray(at, at + size)));
      at += size;
    },
  });
}
const readerOf = (bytes: Buffer, size?: number) => new PktReader(streamOf(bytes, size), MAX_COMMANDS_BYTES);
const bytesOf = async (stream: ReadableStream<Uint8Array>) =>
  Buffer.from(await new Response(stream as BodyInit).arrayBuffer());
const push = (...lines: string[]) =>
  Buffer.concat([...lines.map((line) => pktLine(line)), FLUSH, Buffer.from("PACK the rest")]);

test.each([1, 3, 7, 1_000])(
  "the list of changes is read in pieces of %s bytes, and all of it goes on",
  async (size) => {
    const sent = push(
      `shallow ${ONE}`,
      `${ZERO} ${ONE} refs/heads/a\0 report-status side-band-64k agent=git/2`,
      `${ONE} ${ZERO} refs/heads/b\n`,
    );
    const reader = readerOf(sent, size);
    const { updates, capabilities, fault } = await readCommands(reader);
    expect(updates).toEqual([
      { before: ZERO, after: ONE, ref: "refs/heads/a" },
      { before: ONE, after: ZERO, ref: "refs/heads/b" },
    ]);
    expect(capabilities.has("side-band-64k")).toBe(true);
    expect(fault).toBeNull();
    expect(await bytesOf(reader.whole())).toEqual(sent);
  },
);

test("what orders more than changes of branches is refused", async () => {
  const options = push(`${ZERO} ${ONE} refs/heads/a\0report-status push-options`);
  expect((await readCommands(readerOf(options))).fault).toMatch(/push options/);
  // Wherever they stand, the server would read them.
  const later = push(
    `${ZERO} ${ONE} refs/heads/a\0report-status`,
    `${ZERO} ${ONE} refs/heads/b\0push-options`,
  );
  expect((await readCommands(readerOf(later))).fault).toMatch(/push options/);
  expect((await readCommands(readerOf(push("push-cert\0report-status")))).fault).toMatch(/signed/);
  const many = push(...Array.from({ length: 80 }, (_, i) => `${ZERO} ${ONE} refs/heads/b${i}`));
  expect((await readCommands(readerOf(many))).fault).toMatch(/64/);
});

test.each([
  ["no lines", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ["a length that is none", Buffer.from("fff1".padEnd(70_000, "x"))],
  ["a line of length 3", Buffer.from("0003")],
  ["a change that is none", push("hello")],
  ["an id that is none", push(`${ZERO} xyz refs/heads/a`)],
  [
    "a name that is not UTF-8",
    Buffer.concat([
      pktLine(Buffer.concat([Buffer.from(`${ZERO} ${ONE} refs/heads/`), Buffer.from([0xff])])),
      FLUSH,
    ]),
  ],
  ["an empty line", Buffer.concat([Buffer.from("0004"), FLUSH])],
  [
    "a delimiter",
    Buffer.concat([
      pktLine(`${ZERO} ${ONE} refs/heads/a`),
      Buffer.from("0001"),
      pktLine(`${ZERO} ${ONE} refs/heads/main`),
      FLUSH,
    ]),
  ],
  ["an end before its end", pktLine(`${ZERO} ${ONE} refs/heads/a`)],
])("%s is no push", async (_, sent) => {
  await expect(readCommands(readerOf(sent))).rejects.toBeInstanceOf(NotPktLine);
});

test("a list without an end is bounded", async () => {
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(pktLine(`shallow ${ONE}`))),
  });
  await expect(readCommands(new PktReader(endless, MAX_COMMANDS_BYTES))).rejects.toBeInstanceOf(TooLarge);
});

test("a refusal is what a server would send, and what a server took is known from its own words", async () => {
  const commands = await readCommands(
    readerOf(push(`${ZERO} ${ONE} refs/heads/a\0report-status side-band-64k`)),
  );
  const refused = refusedPush(commands, () => "not yours");
  const inner = Buffer.concat([pktLine("unpack ok\n"), pktLine("ng refs/heads/a not yours\n"), FLUSH]);
  expect(refused).toEqual(Buffer.concat([pktLine(Buffer.concat([Buffer.from([1]), inner])), FLUSH]));

  const sent = Buffer.concat([
    pktLine("unpack ok\n"),
    pktLine("ok refs/heads/a\n"),
    pktLine("ng refs/heads/b no\n"),
    FLUSH,
  ]);
  const banded = Buffer.concat([
    pktLine(Buffer.from("\u0002ok refs/heads/evil\n")),
    ...[0, 20, 40].map((at) =>
      pktLine(Buffer.concat([Buffer.from([1]), sent.subarray(at, at === 40 ? undefined : at + 20)])),
    ),
    FLUSH,
  ]);
  for (const size of [1, 5, 500]) {
    const report = new PushReport(commands.capabilities);
    for (let at = 0; at < banded.length; at += size) report.push(banded.subarray(at, at + size));
    expect([...report.taken]).toEqual(["refs/heads/a"]);
  }
  const plain = new PushReport(new Set(["report-status"]));
  plain.push(sent);
  expect([...plain.taken]).toEqual(["refs/heads/a"]);
  plain.push(Buffer.from("nonsense"));
  expect([...plain.taken]).toEqual(["refs/heads/a"]);
});
