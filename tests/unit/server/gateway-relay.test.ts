import { expect, test } from "vitest";
import { AnswerEndless, relay } from "#server/gateway/relay.ts";
import { UsageMeter } from "#server/gateway/usage.ts";

const encoder = new TextEncoder();
const PIECES = ['data: {"usage":{"prompt_tokens":5,', '"completion_tokens":', "7}}\n\n", "data: [DONE]\n\n"];

/** An answer in pieces, and what became of it: how many were read, and how often it was reported as over. */
function answer(options: { signal?: AbortSignal; failAfter?: number; stallMs?: number } = {}) {
  const seen = { read: 0, done: 0 };
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.read === options.failAfter) return controller.error(new Error("broke"));
        const piece = PIECES[seen.read];
        if (piece === undefined) return controller.close();
        seen.read += 1;
        controller.enqueue(encoder.encode(piece));
      },
    },
    { highWaterMark: 0 },
  );
  const meter = new UsageMeter("openai-chat", "text/event-stream");
  const stream = relay(source, meter, {
    signal: options.signal ?? new AbortController().signal,
    stallMs: options.stallMs ?? 60_000,
    silenceMs: 60_000,
    done: async () => {
      seen.done += 1;
    },
  });
  return { stream, meter, seen };
}
const USAGE = { inputTokens: 5, outputTokens: 7 };
const pause = async () => await new Promise((resolve) => setTimeout(resolve, 20));

test("passes every byte on, and is over once", async () => {
  const { stream, meter, seen } = answer();
  expect(await new Response(stream).text()).toBe(PIECES.join(""));
  expect(seen).toEqual({ read: 4, done: 1 });
  expect(meter.end().usage).toMatchObject(USAGE);
});

test("fetches no more than the agent takes", async () => {
  const { stream, seen } = answer();
  await pause();
  expect(seen).toEqual({ read: 1, done: 0 });
  const reader = stream.getReader();
  await reader.read();
  await pause();
  expect(seen.read).toBe(2);
  await reader.cancel();
});

test.each<[string, (stream: ReadableStream<Uint8Array>, leave: AbortController) => Promise<unknown>]>([
  ["cancels at once", async (stream) => await stream.cancel()],
  [
    "cancels after a piece",
    async (stream) => {
      const reader = stream.getReader();
      await reader.read();
      await reader.cancel();
    },
  ],
  [
    "cancels while it waits for a piece",
    async (stream) => {
      const reader = stream.getReader();
      await reader.read();
      const next = reader.read();
      await reader.cancel();
      await next;
    },
  ],
  ["goes away without a word to the stream", async (_, leave) => leave.abort()],
])("an agent that %s has the answer read to its end, once", async (_, act) => {
  const leave = new AbortController();
  const { stream, meter, seen } = answer({ signal: leave.signal });
  await act(stream, leave);
  await expect.poll(() => seen).toEqual({ read: 4, done: 1 });
  expect(meter.end().usage).toMatchObject(USAGE);
});

test("an agent that was gone before the answer came has it read to its end", async () => {
  const { seen } = answer({ signal: AbortSignal.abort() });
  await expect.poll(() => seen).toEqual({ read: 4, done: 1 });
});

test("an agent that takes nothing for too long counts as gone", async () => {
  const { stream, seen } = answer({ stallMs: 30 });
  await expect.poll(() => seen).toEqual({ read: 4, done: 1 });
  const reader = stream.getReader();
  await expect(
    (async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read());
    })(),
  ).rejects.toThrow("gone away");
});

test("SEC-2: an answer without an end is broken off, in bytes or in time, and counted", async () => {
  for (const limits of [{ maxBytes: 1_000_000 }, { maxMs: 50 }]) {
    let broken: unknown;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        controller.enqueue(encoder.encode("data: x\n".repeat(5_000)));
      },
      cancel: () => {
        cancelled = true;
      },
    });
    const meter = new UsageMeter("openai-chat", "text/event-stream");
    const stream = relay(endless, meter, {
      signal: new AbortController().signal,
      silenceMs: 60_000,
      ...limits,
      done: async (reason) => {
        broken = reason;
      },
    });
    await expect(new Response(stream).arrayBuffer()).rejects.toThrow(AnswerEndless);
    expect(broken).toBeInstanceOf(AnswerEndless);
    expect(cancelled).toBe(true);
  }
});

test("an answer that breaks off breaks off for the agent too, after it was counted", async () => {
  const { stream, seen } = answer({ failAfter: 2 });
  await expect(new Response(stream).text()).rejects.toThrow("broke");
  expect(seen).toEqual({ read: 2, done: 1 });
});
