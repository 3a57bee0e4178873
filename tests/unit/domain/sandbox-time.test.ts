import fc from "fast-check";
import { expect, test } from "vitest";
import { isQuotaUsed, type Metered, sizeName, timeCost, timeToCount } from "#domain/sandbox-time.ts";

const at = (text: string) => Date.parse(text);
const START = at("2026-11-20T23:50:00Z");
const meter = (more: Partial<Metered> = {}): Metered => ({
  vcpus: 2,
  memoryMb: 2_048,
  vcpuNanoUsd: 14_000,
  gbNanoUsd: 4_500,
  startedAt: START,
  countedUntil: START,
  ...more,
});

test.each([
  // 2 × 14 and 2 × 4.5 micro-USD a second.
  [1_000, {}, 37],
  [3_600_000, {}, 133_200],
  [0, {}, 0],
  [1, {}, 1],
  [1_000, { memoryMb: 512 }, 31],
  [1_000, { vcpus: 0.5, memoryMb: 1_024 }, 12],
  [86_400_000, { vcpuNanoUsd: 0, gbNanoUsd: 0 }, 0],
  [1_000, { vcpuNanoUsd: 1, gbNanoUsd: 0 }, 1],
])("%d ms of %o cost %d micro-USD", (ms, more, cost) => {
  expect(timeCost(ms, meter(more))).toBe(cost);
});

test("a step that crosses midnight is split between its days", () => {
  const { days, countedUntil, costMicroUsd } = timeToCount(meter(), at("2026-11-22T00:10:00Z"));
  expect(days.map(({ day, ms }) => [day, ms / 60_000])).toEqual([
    ["2026-11-20", 10],
    ["2026-11-21", 1_440],
    ["2026-11-22", 10],
  ]);
  expect(countedUntil).toBe(at("2026-11-22T00:10:00Z"));
  expect(costMicroUsd).toBe(1_460 * 60 * 37);
});

test("what is counted already brings nothing, and neither does a clock that was set back", () => {
  const counted = meter({ countedUntil: START + 60_000 });
  for (const until of [START + 60_000, START, START - 5_000, Number.NaN])
    expect(timeToCount(counted, until)).toEqual({
      days: [],
      countedUntil: START + 60_000,
      costMicroUsd: 0,
    });
});

test("however a time is cut into steps, its parts add up to the whole", () => {
  const rates = fc.record({
    vcpus: fc.constantFrom(0.25, 1, 2, 8),
    memoryMb: fc.integer({ min: 128, max: 65_536 }),
    vcpuNanoUsd: fc.nat(1_000_000),
    gbNanoUsd: fc.nat(1_000_000),
  });
  const cuts = fc.array(fc.nat(3 * 86_400_000), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(rates, cuts, (given, ends) => {
      let one = meter(given);
      let [ms, cost] = [0, 0];
      for (const end of ends) {
        const { days, countedUntil } = timeToCount(one, START + end);
        ms += days.reduce((sum, day) => sum + day.ms, 0);
        cost += days.reduce((sum, day) => sum + day.costMicroUsd, 0);
        one = { ...one, countedUntil };
      }
      const whole = Math.max(...ends);
      expect([ms, cost]).toEqual([whole, timeCost(whole, one)]);
    }),
  );
});

test("sizes have names, and a quota of 0 is none", () => {
  expect(sizeName({ vcpus: 2, memoryMb: 2_048 })).toBe("2 vCPU, 2 GB");
  expect(sizeName({ vcpus: 0.5, memoryMb: 700 })).toBe("0.5 vCPU, 0.68 GB");
  expect([isQuotaUsed(1e12, 0), isQuotaUsed(3_599_999, 1), isQuotaUsed(3_600_000, 1)]).toEqual([
    false,
    false,
    true,
  ]);
});
