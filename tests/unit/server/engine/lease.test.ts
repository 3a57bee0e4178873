import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DEADLINES } from "#domain/lifecycle.ts";
import { runUnderLease } from "#server/engine/lease.ts";
import { fakeData } from "#tests/fake-data.ts";
import { LEASE } from "./support.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const { sessionId, generation } = LEASE;

test("work is done under the lease, which is renewed meanwhile and given back", async () => {
  const { data, names, calls } = fakeData({ "sessionLeases:claim": () => generation });
  const work = vi.fn(
    async () => await new Promise<void>((resolve) => setTimeout(resolve, DEADLINES.leaseMs - 1)),
  );
  const running = runUnderLease(sessionId, "me", work, data);
  await vi.runAllTimersAsync();
  await running;
  expect(work).toHaveBeenCalledWith(LEASE);
  expect(names()).toEqual([
    "sessionLeases:claim",
    "sessionLeases:renew",
    "sessionLeases:renew",
    "sessionLeases:release",
  ]);
  expect(calls.at(-1)?.args).toEqual(LEASE);
});

test("nothing is done where somebody else holds it", async () => {
  const { data, names } = fakeData({ "sessionLeases:claim": () => null });
  const work = vi.fn(async () => undefined);
  await runUnderLease(sessionId, "me", work, data);
  expect(work).not.toHaveBeenCalled();
  expect(names()).toEqual(["sessionLeases:claim"]);
});

test("it is given back where the work fails", async () => {
  const { data, names } = fakeData({ "sessionLeases:claim": () => generation });
  const failing = async () => {
    throw new Error("no work");
  };
  await expect(runUnderLease(sessionId, "me", failing, data)).rejects.toThrow("no work");
  expect(names().at(-1)).toBe("sessionLeases:release");
});
