import { expect, test } from "vitest";
import { createSseParser } from "#client/sse-parser.ts";
import { eventStream } from "#server/stream/event-stream.ts";
import { framed } from "#server/stream/frame.ts";

/** The stream of a log that has ended already. */
function streamOf(texts: string[]): Response {
  const log = texts.map((text, index) => ({ seq: index + 1, text }));
  return eventStream({
    name: "s1",
    after: 0,
    ended: "session_ended",
    signal: new AbortController().signal,
    onEnd: () => undefined,
    stillAllowed: async () => true,
    read: async (after) => log.filter(({ seq }) => seq > after),
    listen: () => () => undefined,
    positionOf: ({ seq }) => seq,
    frame: ({ seq, text }) => framed(seq, "tool.output.chunk", { text }),
    endsWith: () => null,
  });
}

test("BUG-27: no line end in a text breaks an event apart", async () => {
  const texts = ["a\rb", "a\r\nb", "a\n\nb", "a\r\rdata: b", "\u2028\u2029\u0085", "\0\uFEFF"];
  const parser = createSseParser();
  const events = parser.push(await streamOf(texts).text());
  expect(events.filter(({ event }) => event !== "end")).toEqual(
    texts.map((text, index) => ({
      id: String(index + 1),
      event: "tool.output.chunk",
      data: JSON.stringify({ text }),
    })),
  );
  expect(events.at(-1)).toMatchObject({ event: "end", data: '{"reason":"session_ended"}' });
});

test("BUG-27: no proxy is to keep it back, change it or compress it", async () => {
  const { headers, body } = streamOf([]);
  expect(headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(headers.get("cache-control")).toBe("no-cache, no-transform");
  expect(headers.get("x-accel-buffering")).toBe("no");
  expect(headers.get("content-encoding")).toBeNull();
  await body?.cancel();
});
