import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createSseParser, type SseMessage } from "../../../lib/client/sse-parser.ts";

function read(...pieces: string[]): SseMessage[] {
  const parser = createSseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

test("reads id, event and data; passes over comments and unknown fields", () => {
  expect(read(": heartbeat\n\nid: 7\nevent: run.started\nretry: 10\nwhatever\ndata: {}\n\n")).toEqual([
    { id: "7", event: "run.started", data: "{}" },
  ]);
});

test("joins data lines, strips one space alone, and keeps the id for later messages", () => {
  expect(read("id: 1\ndata:  a\ndata:b\ndata\n\ndata: c\n\n")).toEqual([
    { id: "1", event: "message", data: " a\nb\n" },
    { id: "1", event: "message", data: "c" },
  ]);
});

test("a message without data is none, and an unfinished one waits", () => {
  expect(read("event: end\n\n")).toEqual([]);
  expect(read("data: x\n")).toEqual([]);
});

test("an id with a null character is passed over, and a byte order mark is not part of the first line", () => {
  expect(read("\uFEFFid: 3\ndata: a\n\nid: 4\0\ndata: b\n\n").map((message) => message.id)).toEqual([
    "3",
    "3",
  ]);
});

test("a carriage return at the end of a piece may be half of a pair", () => {
  expect(read("data: a\r", "\n\r", "\ndata: b\r\r", "x")).toEqual([
    { id: "", event: "message", data: "a" },
    { id: "", event: "message", data: "b" },
  ]);
});

test("gives the same messages however the text is cut, with any line ending", () => {
  const line = fc.oneof(
    fc.constantFrom("", ": note", "event: tool.started", "id: 12", "data", "data:x"),
    fc.string().map((text) => `data: ${text.replace(/[\r\n]/g, "")}`),
  );
  fc.assert(
    fc.property(
      fc.array(line),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.array(fc.nat(200)),
      (lines, ending, cuts) => {
        const text = `${lines.join(ending)}${ending}${ending}x`;
        const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].toSorted((a, b) => a - b);
        const pieces = [...at, text.length].map((end, i) => text.slice(i === 0 ? 0 : at[i - 1], end));
        expect(read(...pieces)).toEqual(read(text));
        expect(read(text)).toEqual(read(`${lines.join("\n")}\n\nx`));
      },
    ),
  );
});

test("an event that never ends is not kept without a bound", () => {
  const parser = createSseParser();
  const piece = "data: ".padEnd(1_000_000, "x");
  parser.push(piece);
  expect(() => {
    for (let n = 0; n < 20; n += 1) parser.push("x".repeat(1_000_000));
  }).toThrow(/buffer/i);
});
