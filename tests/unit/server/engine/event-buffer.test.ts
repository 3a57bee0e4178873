import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Masker } from "#domain/mask.ts";
import { EventBuffer } from "#server/engine/event-buffer.ts";
import { fakeData, refusal } from "#tests/fake-data.ts";
import { LEASE, RUN } from "./support.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const chunk = (delta: string) => ({
  type: "llm.response.chunk" as const,
  source: "agent.opencode",
  runId: RUN,
  payload: { message_id: "m", delta },
});
const whole = {
  type: "message.assistant" as const,
  source: "agent.opencode",
  runId: RUN,
  payload: { message_id: "m", content: "hello", model: "demo", provider: "demo" },
};

function buffer(append: (args: Record<string, unknown>) => unknown = () => ({ seq: 1, violated: false })) {
  const { data, calls } = fakeData({ "events:append": append });
  const typesOf = (call: { args: Record<string, unknown> }) =>
    (call.args.events as { type: string }[]).map(({ type }) => type);
  const onViolation = vi.fn();
  const made = new EventBuffer(LEASE, new Masker(["a-secret-value"]), onViolation, data);
  return { made, calls, typesOf, onViolation };
}

test("text waits for more of it, a tenth of a second at most; everything else goes at once", async () => {
  vi.advanceTimersByTime(1_000);
  const { made, calls, typesOf } = buffer();
  await made.flush();
  made.add([chunk("hel")], 1);
  made.add([chunk("lo")], 2);
  await vi.advanceTimersByTimeAsync(99);
  expect(calls).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(calls).toHaveLength(1);
  expect(calls[0]?.args).toMatchObject({ ...LEASE, batch: 1, cursor: 2 });
  expect(JSON.stringify(calls[0]?.args.events)).toContain("hello");
  made.add([whole], 3);
  await vi.advanceTimersByTimeAsync(0);
  expect(calls.map(typesOf)).toEqual([["llm.response.chunk"], ["message.assistant"]]);
});

test("no secret of the sandbox is stored", async () => {
  const { made, calls } = buffer();
  made.add([{ ...whole, payload: { ...whole.payload, content: "it is a-secret-value" } }], 1);
  await made.flush();
  expect(JSON.stringify(calls)).not.toContain("a-secret-value");
});

test("a write that fails for good leaves no hole: nothing behind it is stored", async () => {
  const { made, calls } = buffer(() => {
    throw refusal("lease_lost");
  });
  made.add([whole], 1);
  await expect(made.flush()).rejects.toThrow("lease_lost");
  expect(made.broken).toBe(true);
  expect(() => made.add([whole], 2)).toThrow("lease_lost");
  expect(calls).toHaveLength(1);
});

test.each([true, false])(
  "an act without its decision is told as soon as it is stored (%s)",
  async (violated) => {
    const { made, onViolation } = buffer(() => ({ seq: 1, violated }));
    made.add([whole], 1);
    await made.flush();
    made.add([whole], 2);
    await made.flush();
    expect(onViolation).toHaveBeenCalledTimes(violated ? 1 : 0);
  },
);

test("what is stored is not stored again: neither events nor the place in the stream", async () => {
  const { made, calls } = buffer();
  made.add([whole], 1);
  await made.flush();
  await made.flush();
  expect(calls).toHaveLength(1);
  made.add([], 2);
  await made.flush();
  expect(calls[1]?.args).toMatchObject({ batch: 2, cursor: 2, events: [] });
});
