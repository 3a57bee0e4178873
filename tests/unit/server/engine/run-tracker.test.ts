import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { RunTracker } from "#server/engine/run-tracker.ts";
import { EMPTY_INBOX, prompt, RUN } from "./support.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function tracker() {
  const takenOver: string[] = [];
  const ignored: Id<"runs">[] = [];
  const runs = new RunTracker({
    generation: 7,
    onTakenOver: () => takenOver.push("taken over"),
    onCancelIgnored: (runId) => ignored.push(runId),
  });
  return { runs, takenOver, ignored };
}

describe("which run is at work", () => {
  test("one whose prompt another server has sent is taken over, once", () => {
    const { runs, takenOver } = tracker();
    const sent = { ...prompt("c1"), generation: 6 };
    runs.follow({ ...EMPTY_INBOX, sending: [sent] });
    runs.follow({ ...EMPTY_INBOX, sending: [sent] });
    expect(runs.current).toEqual({ id: RUN, rpcId: "rpc-1" });
    expect(takenOver).toHaveLength(1);
  });

  test.each([
    ["queued", { queued: [prompt("c1")] }],
    ["marked by this server", { sending: [{ ...prompt("c1"), generation: 7 }] }],
  ])("one whose prompt is %s has not begun", (_, fields) => {
    const { runs, takenOver } = tracker();
    runs.follow({ ...EMPTY_INBOX, ...fields });
    expect(runs.current).toBeNull();
    expect(takenOver).toEqual([]);
  });

  test("one that has ended is not taken over again by an older state", () => {
    const { runs } = tracker();
    runs.begin({ id: RUN, rpcId: "rpc-1" });
    expect(runs.end()).toEqual({ id: RUN, rpcId: "rpc-1" });
    runs.follow(EMPTY_INBOX);
    expect(runs.current).toBeNull();
    expect(runs.end()).toBeNull();
  });

  test("one that ended without its answer is none any more", () => {
    const { runs } = tracker();
    runs.begin({ id: RUN, rpcId: "rpc-1" });
    runs.follow({ ...EMPTY_INBOX, activeRunId: null, activeRpcId: null });
    expect(runs.current).toBeNull();
  });

  test("its answer is known by its prompt's id; a request with that id is none", () => {
    const { runs } = tracker();
    expect(runs.isAnsweredBy({ id: "rpc-1" })).toBe(false);
    runs.begin({ id: RUN, rpcId: "rpc-1" });
    expect(runs.isAnsweredBy({ id: "rpc-1" })).toBe(true);
    expect(runs.isAnsweredBy({ id: "rpc-2" })).toBe(false);
    expect(runs.isAnsweredBy({ id: "rpc-1", method: "session/request_permission" })).toBe(false);
  });
});

describe("a stop that the agent does not hear", () => {
  const stopped = (agoMs: number) => ({ ...EMPTY_INBOX, cancelRequestedAt: Date.now() - agoMs });

  test("is noticed when its time is over, however often the state is seen", () => {
    const { runs, ignored } = tracker();
    runs.follow(stopped(1_000));
    runs.follow(stopped(1_000));
    vi.advanceTimersByTime(DEADLINES.cancelMs - 1_001);
    expect(ignored).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ignored).toEqual([RUN]);
  });

  test("is never waited for longer than that, though the clocks differ", () => {
    const { runs, ignored } = tracker();
    runs.follow(stopped(-3_600_000));
    vi.advanceTimersByTime(DEADLINES.cancelMs);
    expect(ignored).toEqual([RUN]);
  });

  test("is forgotten where the run ends in time, or the work does", () => {
    for (const heard of [
      (runs: RunTracker) => runs.follow({ ...EMPTY_INBOX, activeRunId: null }),
      (runs: RunTracker) => runs.stop(),
    ]) {
      const { runs, ignored } = tracker();
      runs.follow(stopped(0));
      heard(runs);
      vi.advanceTimersByTime(2 * DEADLINES.cancelMs);
      expect(ignored).toEqual([]);
    }
  });
});
