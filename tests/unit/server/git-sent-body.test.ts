import { expect, test } from "vitest";
import { SentBody } from "#server/git/sent-body.ts";

/** A body of so many pieces, which says how much of it was read and how it ended. */
function sent(pieces: number) {
  const seen = { read: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (seen.read >= pieces) return controller.close();
        seen.read += 1;
        controller.enqueue(new Uint8Array(10));
      },
      cancel: () => {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { seen, body: new SentBody(body) };
}

test("what passes a body on may end early: the rest is read all the same", async () => {
  const { seen, body } = sent(5);
  const reader = body.stream().getReader();
  await reader.read();
  await reader.cancel();
  expect(seen).toEqual({ read: 1, cancelled: false });
  expect(await body.drain(1_000, 10_000)).toBe(true);
  expect(seen).toEqual({ read: 5, cancelled: false });
});

test("a body that is still being passed on is drained too, and passed on no further", async () => {
  const { seen, body } = sent(5);
  const reader = body.stream().getReader();
  await reader.read();
  expect(await body.drain(1_000, 10_000)).toBe(true);
  expect(seen.read).toBe(5);
  expect((await reader.read()).done).toBe(true);
});

test("no more than so many bytes are read, nor for longer than so long", async () => {
  const { seen, body } = sent(1_000);
  expect(await body.drain(100, 10_000)).toBe(false);
  expect(seen.cancelled).toBe(true);
  expect(seen.read).toBeLessThan(20);
  let ended = false;
  const silent = new SentBody(
    new ReadableStream<Uint8Array>({
      cancel: () => {
        ended = true;
      },
    }),
  );
  expect(await silent.drain(100, 20)).toBe(false);
  expect(ended).toBe(true);
  expect(await new SentBody(null).drain(100, 20)).toBe(true);
});
