import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SilenceWatch } from "#server/engine/silence-watch.ts";
import { fakeData } from "#tests/fake-data.ts";
import { LEASE } from "./support.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LIMIT_MS = 20_000;
const STARTED = {
  type: "tool.started" as const,
  source: "agent.opencode",
  payload: { tool_call_id: "t", tool_name: "bash", kind: "execute", title: "t", tool_input: {} },
};

function watch(options: { waits?: boolean; answers?: boolean; atWork?: boolean; fails?: boolean } = {}) {
  const { data, calls } = fakeData({
    "sessionAgent:waits": () => {
      if (options.fails) throw new Error("the database is away");
      return { waits: options.waits ?? false };
    },
  });
  const onSilent = vi.fn(async () => undefined);
  const asked = vi.fn(async () => options.answers ?? false);
  const made = new SilenceWatch({
    sessionId: LEASE.sessionId,
    limitMs: LIMIT_MS,
    client: { answers: asked },
    isAtWork: () => options.atWork ?? true,
    onSilent,
    data,
  });
  return { made, calls, onSilent, asked };
}

test("an agent that says nothing for the time is told of as silent, by a look in between", async () => {
  const { made, onSilent } = watch();
  made.start();
  await vi.advanceTimersByTimeAsync(LIMIT_MS);
  expect(onSilent).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(onSilent).toHaveBeenCalledTimes(1);
  made.stop();
  await vi.advanceTimersByTimeAsync(10 * LIMIT_MS);
  expect(onSilent).toHaveBeenCalledTimes(1);
});

test("a wait that explains it starts the time again", async () => {
  const { made, calls, onSilent } = watch({ waits: true });
  vi.advanceTimersByTime(LIMIT_MS + 1);
  await made.look();
  await made.look();
  expect(calls).toHaveLength(1);
  expect(onSilent).not.toHaveBeenCalled();
});

test.each([
  [true, 0],
  [false, 1],
])("a tool at work explains it where its agent answers (%s)", async (answers, times) => {
  const { made, asked, onSilent } = watch({ answers });
  made.silence.events([STARTED], performance.now());
  vi.advanceTimersByTime(LIMIT_MS + 1);
  await made.look();
  expect(asked).toHaveBeenCalledTimes(1);
  expect(onSilent).toHaveBeenCalledTimes(times);
});

test("nobody is at work: nothing is asked", async () => {
  const { made, calls } = watch({ atWork: false });
  vi.advanceTimersByTime(LIMIT_MS + 1);
  await made.look();
  expect(calls).toEqual([]);
});

test("a look that fails says nothing, and the next one looks again", async () => {
  const { made, calls, onSilent } = watch({ fails: true });
  vi.advanceTimersByTime(LIMIT_MS + 1);
  await made.look();
  await made.look();
  expect(calls).toHaveLength(2);
  expect(onSilent).not.toHaveBeenCalled();
});
