import fc from "fast-check";
import { expect, test } from "vitest";
import type { UsageReport } from "#client/settings.ts";
import { OTHERS, partsBy, usageChart } from "#client/usage-chart.ts";
import { addGroups, dayOf, lastDays, sumOfCall } from "#domain/usage-report.ts";

type Group = UsageReport["usage"][number];
const group = (
  day: string,
  model: string,
  cost: number,
  source: Group["key_source"] = "platform",
): Group => ({
  day,
  provider: "demo",
  model,
  key_source: source,
  calls: 1,
  input_tokens: 100,
  cached_tokens: 50,
  output_tokens: 10,
  cost_micro_usd: cost,
  estimated_calls: 0,
  unpriced_calls: 0,
  sandbox_seconds: 0,
});
const report = (usage: Group[]): UsageReport => ({
  from: "2026-11-01",
  to: "2026-11-07",
  calls: usage.length,
  complete: true,
  counted_from: null,
  usage,
  month: {
    month: "2026-11",
    spent_micro_usd: 0,
    forecast_micro_usd: null,
    spent_credits_micro_usd: 0,
    forecast_credits_micro_usd: null,
    basis_days: 0,
    sandbox_seconds: 0,
    sandbox_hours_limit: null,
  },
  refunded_micro_usd: 0,
  refunds: [],
});

test("every day of the range has its place, and the bars hold what the report holds", () => {
  const chart = usageChart(report([group("2026-11-02", "a", 30), group("2026-11-07", "b", 70)]), "cost");
  expect(chart.days.map((day) => day.day)).toEqual(lastDays(7, Date.parse("2026-11-07")));
  expect(chart.days.map((day) => day.total)).toEqual([0, 30, 0, 0, 0, 0, 70]);
  expect(chart.series.map((one) => one.key)).toEqual(["demo/b", "demo/a"]);
  expect(chart.total).toBe(100);
});

test("more models than colours: the small ones stand together", () => {
  const models = ["a", "b", "c", "d", "e", "f", "g"];
  const usage = models.map((model, index) => group("2026-11-03", model, 100 - index));
  const chart = usageChart(report(usage), "cost");
  expect(chart.series.map((one) => one.key)).toEqual(["demo/a", "demo/b", "demo/c", "demo/d", OTHERS]);
  expect(chart.series.at(-1)?.total).toBe(96 + 95 + 94);
  expect(usageChart(report(usage.slice(0, 5)), "cost").series.at(-1)?.key).toBe("demo/e");
});

test("any report: the bars add up to it", () => {
  const any = fc.record({
    day: fc.constantFrom(...lastDays(7, Date.parse("2026-11-07"))),
    model: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    cost: fc.nat(50_000_000),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 40 }), (rows) => {
      const usage = rows.map(({ day, model, cost }) => group(day, model, cost));
      for (const measure of ["cost", "tokens"] as const) {
        const chart = usageChart(report(usage), measure);
        const expected = usage.reduce((sum, one) => sum + (measure === "cost" ? one.cost_micro_usd : 110), 0);
        expect(chart.total).toBe(expected);
        expect(chart.series.reduce((sum, one) => sum + one.total, 0)).toBe(expected);
        expect(chart.days.reduce((sum, day) => sum + day.total, 0)).toBe(expected);
      }
    }),
  );
});

test("what one's own keys paid stands apart from credits", () => {
  const whole = report([
    group("2026-11-01", "a", 5),
    group("2026-11-02", "a", 7, "direct"),
    group("2026-11-02", "b", 90),
  ]);
  expect(partsBy(whole, ({ model }) => model)).toMatchObject([
    { key: "b", keys: 0, credits: 90, calls: 1 },
    { key: "a", keys: 7, credits: 5, calls: 2 },
  ]);
  expect(partsBy(whole, (one) => one.key_source)).toMatchObject([
    { key: "platform", keys: 0, credits: 95, calls: 2 },
    { key: "direct", keys: 7, credits: 0, calls: 1 },
  ]);
});

test("a sandbox's time is a bar where it costs something, and none among tokens", () => {
  const time = (cost: number): Group => ({
    ...group("2026-11-02", "2 vCPU, 2 GB", cost),
    provider: "sandbox",
    calls: 0,
    input_tokens: 0,
    output_tokens: 0,
    sandbox_seconds: 60,
  });
  const keys = (usage: Group[], measure: "cost" | "tokens") =>
    usageChart(report(usage), measure).series.map(({ key }) => key);
  expect(keys([time(3), group("2026-11-02", "a", 5)], "cost")).toEqual(["demo/a", "sandbox/2 vCPU, 2 GB"]);
  expect(keys([time(0), group("2026-11-02", "a", 0)], "cost")).toEqual(["demo/a"]);
  expect(keys([time(3), group("2026-11-02", "a", 5)], "tokens")).toEqual(["demo/a"]);
});

test("sums of a day and model become one group, however the pages were cut", () => {
  const groups = Array.from({ length: 50 }, (_, index) => ({
    day: dayOf(Date.parse("2026-11-06T23:59:00Z") + index * 2_000),
    provider: "demo",
    model: index % 3 === 0 ? "a" : "b",
    keySource: "platform" as const,
    ...sumOfCall({ inputTokens: index, cachedTokens: 0, outputTokens: 1, costMicroUsd: index }),
  }));
  const whole = addGroups(groups);
  expect(whole.map((one) => `${one.day} ${one.model}`)).toEqual([
    "2026-11-07 b",
    "2026-11-07 a",
    "2026-11-06 b",
    "2026-11-06 a",
  ]);
  expect(whole.reduce((sum, one) => sum + one.calls, 0)).toBe(50);
  for (const cut of [0, 1, 17, 30, 50])
    expect(addGroups([...addGroups(groups.slice(0, cut)), ...addGroups(groups.slice(cut))])).toEqual(whole);
});
