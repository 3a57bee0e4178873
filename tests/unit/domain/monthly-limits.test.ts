import { describe, expect, test } from "vitest";
import { stepAt } from "#domain/budget-steps.ts";
import {
  LIMIT_SUBJECTS,
  limitWait,
  monthEnd,
  stepToTell,
  toldAfterChange,
  warningWords,
} from "#domain/monthly-limits.ts";
import { monthOf } from "#domain/usage-report.ts";

test.each([
  ["2026-01-01T00:00:00.000Z", "2026-01", "2026-02-01T00:00:00.000Z"],
  ["2026-12-31T23:59:59.999Z", "2026-12", "2027-01-01T00:00:00.000Z"],
  ["2028-02-29T12:00:00.000Z", "2028-02", "2028-03-01T00:00:00.000Z"],
])("%s is in %s, which ends at %s", (at, month, end) => {
  expect(monthOf(Date.parse(at))).toBe(month);
  expect(new Date(monthEnd(month)).toISOString()).toBe(end);
  expect(monthOf(monthEnd(month) - 1)).toBe(month);
});

describe("steps", () => {
  test.each([
    [0, 100, 0],
    [49, 100, 0],
    [50, 100, 50],
    [79, 99, 50],
    [80, 100, 80],
    [100, 100, 100],
    [500, 100, 100],
    [5, 0, 0],
  ])("%i of %i is at %i percent", (amount, limit, step) => expect(stepAt(amount, limit)).toBe(step));

  test.each<[spentMicroUsd: number, toldStep: number, tell: number | null]>([
    [10, 0, null],
    [50, 0, 50],
    [90, 0, 80],
    [90, 50, 80],
    [90, 80, null],
    [90, 100, null],
    [200, 80, 100],
  ])("with %i of 100 spent and %i told, %s is to be told", (spentMicroUsd, toldStep, tell) =>
    expect(stepToTell({ spentMicroUsd, toldStep }, 100)).toBe(tell),
  );

  test.each<[limit: number, toldStep: number, told: number]>([
    // Raised: what is no longer reached is told again.
    [200, 100, 0],
    [160, 100, 50],
    [110, 100, 80],
    // Lowered: what is reached by that is told with the next call.
    [80, 50, 50],
    [80, 0, 0],
  ])("of 90 spent, a limit that is %i from now on leaves of %i told %i", (limit, toldStep, told) =>
    expect(toldAfterChange({ spentMicroUsd: 90, toldStep }, limit)).toBe(told),
  );
});

test("each subject has its words", () => {
  for (const subject of LIMIT_SUBJECTS) {
    expect(limitWait(subject)).toMatch(/^The .* limit .*is reached$/);
    expect(warningWords(80, subject)).toMatch(/^80 % of the /);
  }
  expect(warningWords(50, "run")).toBe("50 % of the run's budget");
});
