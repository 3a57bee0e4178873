import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TooLarge } from "#net/body.ts";
import { eventsOf, EventStreamReader } from "#net/event-stream.ts";
import { cpuMsOf } from "#tests/cpu-time.ts";

const encoder = new TextEncoder();

function read(pieces: Uint8Array[], maxEventCharacters = 1_000) {
  const events: { id?: string | undefined; event?: string | undefined; data: string }[] = [];
  let tooLong = 0;
  const reader = new EventStreamReader({
    maxEventCharacters,
    onEvent: (event) => events.push(event),
    onTooLong: () => (tooLong += 1),
  });
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return { data: events.map(({ data }) => data), events, tooLong };
}

describe("event streams", () => {
  test("are read the same however they are cut, with events above the limit among them", () => {
    const kinds = fc.record({
      length: fc.oneof(fc.nat(200), fc.integer({ min: 1_001, max: 3_000 })),
      lines: fc.integer({ min: 1, max: 3 }),
      end: fc.constantFrom("\n", "\r\n", "\r"),
    });
    fc.assert(
      fc.property(
        fc.array(kinds, { maxLength: 8 }),
        fc.array(fc.nat(20_000), { maxLength: 20 }),
        (all, cuts) => {
          let text = "";
          const wanted: string[] = [];
          let tooLong = 0;
          all.forEach(({ length, lines, end }, index) => {
            const parts = Array.from({ length: lines }, () => `${index}ü`.padEnd(length, "x"));
            text += `id: ${index}${end}${parts.map((part) => `data: ${part}${end}`).join("")}${end}`;
            if (parts.join("\n").length > 1_000) tooLong += 1;
            else wanted.push(parts.join("\n"));
          });
          const bytes = encoder.encode(text);
          const points = [
            0,
            ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b),
            bytes.length,
          ];
          const pieces = points.slice(0, -1).map((from, index) => bytes.slice(from, points[index + 1]));
          const found = read(pieces);
          expect(found.data).toEqual(wanted);
          expect(found.tooLong).toBe(tooLong);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("SEC-3: an endless line of 200 MB is read in linear time, and told of once", () => {
    const piece = encoder.encode("x".repeat(65_536));
    const pieces = Array.from({ length: 3_200 }, () => piece);
    const tookMs = cpuMsOf(() => {
      const found = read([encoder.encode("data: "), ...pieces, encoder.encode("\n\ndata: next\n\n")]);
      expect(found).toMatchObject({ data: ["next"], tooLong: 1 });
    });
    expect(tookMs).toBeLessThan(5_000);
  });

  test("SEC-3: an entry above the limit ends the reading, and the connection with it", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(encoder.encode("data: yyyyyyyyyyyyyy")),
      cancel: () => {
        cancelled = true;
      },
    });
    const all = (async () => {
      for await (const _ of eventsOf(endless, { maxEventCharacters: 10_000 }));
    })();
    await expect(all).rejects.toThrow(TooLarge);
    expect(cancelled).toBe(true);
  });

  test("SEC-3: a stream of many small entries leaves others their time", async () => {
    const flood = encoder.encode("data:{}\nid:1\n\n".repeat(5_000));
    let sent = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent++ < 10 ? controller.enqueue(flood) : controller.close()),
    });
    // How many entries had been read each time that others got their turn.
    const turns = new Set<number>();
    let count = 0;
    const timer = setInterval(() => turns.add(count), 1);
    for await (const event of eventsOf(stream, { maxEventCharacters: 1_000 })) {
      // What a reader does with an entry: parses it, and more.
      for (let i = 0; i < 20; i += 1) JSON.parse(event.data);
      count += 1;
    }
    clearInterval(timer);
    expect(count).toBe(50_000);
    // Not only between the pieces that came: in the middle of each.
    expect(turns.size).toBeGreaterThan(15);
  });

  test("the whole of a stream is bounded too", async () => {
    const body = new Response("data: x\n\n".repeat(1_000)).body!;
    const all = (async () => {
      for await (const _ of eventsOf(body, { maxEventCharacters: 1_000, maxBytes: 5_000 }));
    })();
    await expect(all).rejects.toThrow(TooLarge);
  });
});
