import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pauseFor, retry, TimedOut, until } from "../../../lib/net/retry.ts";
import { TransportError } from "../../../lib/net/transport.ts";

vi.mock("node:timers/promises", async () => await import("../../support/timers-promises.ts"));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const OPTIONS = { timeoutMs: 10_000, pauseMs: 100, longestPauseMs: 400 };
const broken = () => new TransportError("reset", "broken");

/** Settles a call while time runs. */
async function run<T>(call: Promise<T>): Promise<T> {
  call.catch(() => undefined);
  await vi.runAllTimersAsync();
  return await call;
}

describe("a call that is tried again", () => {
  test("succeeds at a later try, after pauses that double up to the longest", async () => {
    const pauses: number[] = [];
    let tries = 0;
    const call = async () => {
      tries += 1;
      if (tries < 5) throw broken();
      return "done";
    };
    const onRetry = (_: unknown, pauseMs: number) => pauses.push(pauseMs);
    expect(await run(retry(call, { ...OPTIONS, isPassing: () => true, onRetry }))).toBe("done");
    expect(pauses).toEqual([100, 200, 400, 400]);
  });

  test("ends with its last error once its time is over", async () => {
    let tries = 0;
    const call = async () => {
      tries += 1;
      throw new Error(`try ${tries}`);
    };
    const begun = performance.now();
    await expect(run(retry(call, { ...OPTIONS, isPassing: () => true }))).rejects.toThrow(/^try \d+$/);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(10_000);
    expect(performance.now() - begun).toBeLessThan(11_000);
  });

  test("ends after so many tries", async () => {
    const call = vi.fn(async () => {
      throw broken();
    });
    await expect(run(retry(call, { ...OPTIONS, tries: 3, isPassing: () => true }))).rejects.toThrow("broken");
    expect(call).toHaveBeenCalledTimes(3);
  });

  test("ends at once with what no other try would change", async () => {
    const call = vi.fn(async () => {
      throw new Error("refused");
    });
    await expect(run(retry(call, { ...OPTIONS, isPassing: () => false }))).rejects.toThrow("refused");
    expect(call).toHaveBeenCalledTimes(1);
  });

  test("ends at once with a bug, whatever counts as passing", async () => {
    const call = vi.fn(async () => {
      throw new TypeError("x is undefined");
    });
    await expect(run(retry(call, { ...OPTIONS, isPassing: () => true }))).rejects.toThrow("x is undefined");
    expect(call).toHaveBeenCalledTimes(1);
  });

  test("ends with its last error where the signal ends its pause", async () => {
    const abort = new AbortController();
    const call = vi.fn(async () => {
      throw broken();
    });
    const going = retry(call, { ...OPTIONS, signal: abort.signal, isPassing: () => true });
    going.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(50);
    abort.abort(new Error("stopped"));
    await expect(run(going)).rejects.toThrow("broken");
    expect(call).toHaveBeenCalledTimes(1);
  });

  test("keeps what a try brought that the signal came during", async () => {
    const abort = new AbortController();
    const call = async () => {
      abort.abort();
      return "done";
    };
    const going = retry(call, { ...OPTIONS, signal: abort.signal, isPassing: () => true });
    expect(await run(going)).toBe("done");
  });
});

describe("a wait", () => {
  test("ends with what is found", async () => {
    let looks = 0;
    const look = () => (++looks === 3 ? "here" : undefined);
    expect(await run(until("it", look, { timeoutMs: 1_000, everyMs: 10 }))).toBe("here");
  });

  test("ends by name where it does not come in time", async () => {
    const going = until("the sandbox", () => false, { timeoutMs: 1_000, everyMs: 10 });
    const error = await run(going).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TimedOut);
    expect(error).toMatchObject({ what: "the sandbox" });
  });

  test("ends with the signal's reason", async () => {
    const abort = new AbortController();
    const paused = pauseFor(60_000, abort.signal);
    abort.abort(new Error("stopped"));
    await expect(paused).rejects.toThrow("stopped");
  });
});
