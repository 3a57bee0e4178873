import { expect, test } from "vitest";
import { forecastFrom, forecastOf } from "#domain/forecast.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");
const cost = (day: string, costMicroUsd: number) => ({ day: `2026-${day}`, costMicroUsd });

test("the mean of seven whole days stands for what is left of the month, today's rest included", () => {
  const week = ["11-13", "11-14", "11-15", "11-16", "11-17", "11-18", "11-19"].map((day) => cost(day, 100));
  // 10 days and a half are left.
  expect(forecastOf([...week, cost("11-20", 40)], NOON)).toEqual({
    month: "2026-11",
    spentMicroUsd: 740,
    forecastMicroUsd: 740 + 1_050,
    basisDays: 7,
  });
});

test("days without any cost count, once there was some", () => {
  expect(forecastOf([cost("11-13", 700), cost("11-01", 70)], NOON)).toMatchObject({
    spentMicroUsd: 770,
    forecastMicroUsd: 770 + 1_050,
    basisDays: 7,
  });
});

test("the days of the month before count for the mean, and not as spent", () => {
  const now = Date.parse("2026-11-02T00:00:00Z");
  const costs = [cost("10-30", 10), cost("10-31", 10), cost("11-01", 10)];
  expect(forecastOf(costs, now)).toEqual({
    month: "2026-11",
    spentMicroUsd: 10,
    forecastMicroUsd: 10 + 29 * 10,
    basisDays: 3,
  });
});

test.each([
  ["nothing was ever used", [], 0, 0],
  ["it began today", [cost("11-20", 5)], 5, 0],
  ["there are two whole days", [cost("11-18", 5), cost("11-19", 5), cost("11-20", 1)], 11, 2],
])("without three whole days there is none: %s", (_, costs, spentMicroUsd, basisDays) => {
  expect(forecastOf(costs, NOON)).toMatchObject({ spentMicroUsd, forecastMicroUsd: null, basisDays });
});

test("December ends with its year, and the last day with itself", () => {
  const costs = ["12-28", "12-29", "12-30"].map((day) => cost(day, 10));
  expect(forecastOf(costs, Date.parse("2026-12-31T12:00:00Z")).forecastMicroUsd).toBe(35);
});

test("it needs the month's days, and seven before today", () => {
  expect(forecastFrom(NOON)).toBe("2026-11-01");
  expect(forecastFrom(Date.parse("2026-11-03T00:00:00Z"))).toBe("2026-10-27");
});
