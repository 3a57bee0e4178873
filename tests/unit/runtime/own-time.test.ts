import { afterEach, expect, test, vi } from "vitest";
import { OwnTime } from "#runtime/engine/own-time.ts";

/** The clock and the thread's processor time, in milliseconds, as the test sets them. */
function clocks() {
  const at = { nowMs: 0, cpuMs: 0 };
  vi.spyOn(performance, "now").mockImplementation(() => at.nowMs);
  vi.spyOn(process, "threadCpuUsage").mockImplementation(() => ({ user: at.cpuMs * 1_000, system: 0 }));
  return at;
}
afterEach(() => void vi.restoreAllMocks());

test("a function that computed for longer than its second is ended", () => {
  const at = clocks();
  Object.assign(at, { nowMs: 1_000_000, cpuMs: 10_000 });
  const time = new OwnTime();
  Object.assign(at, { nowMs: 1_001_200, cpuMs: 11_200 });
  expect(() => time.end()).toThrow("timed out");
});

test("one that had to wait for the processor is not, whatever other ones used before", () => {
  const at = clocks();
  Object.assign(at, { nowMs: 2_000_000, cpuMs: 20_000 });
  new OwnTime().end();
  Object.assign(at, { nowMs: 2_000_010, cpuMs: 25_000 });
  const time = new OwnTime();
  Object.assign(at, { nowMs: 2_001_500, cpuMs: 25_100 });
  expect(() => time.end()).not.toThrow();
});

test("nor is it where the clock went back", () => {
  const at = clocks();
  Object.assign(at, { nowMs: 9_000_000, cpuMs: 30_000 });
  new OwnTime().end();
  Object.assign(at, { nowMs: 50, cpuMs: 35_000 });
  const time = new OwnTime();
  Object.assign(at, { nowMs: 1_550, cpuMs: 35_100 });
  expect(() => time.end()).not.toThrow();
});
