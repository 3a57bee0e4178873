import { DAY_MS } from "./format.ts";
import { SANDBOX_PROVIDER } from "#domain/sandbox-time.ts";
import { lastDays } from "#domain/usage-report.ts";
import type { UsageReport } from "./settings.ts";

export type Measure = "cost" | "tokens";

/** One model's share of the chart; the smallest ones stand together as `others`. */
export interface Series {
  key: string;
  provider: string;
  model: string;
  total: number;
}

export interface UsageChart {
  series: readonly Series[];
  days: readonly { day: string; total: number; parts: readonly { key: string; value: number }[] }[];
  total: number;
}

export const OTHERS = "others";
/** How many models get a color of their own. */
const MAX_SHOWN = 4;

/** Bars by day and model, out of the API's report. Micro-USD or tokens (input and output together). */
export function usageChart(report: UsageReport, measure: Measure): UsageChart {
  const valueOf = (group: UsageReport["usage"][number]) =>
    measure === "cost" ? group.cost_micro_usd : group.input_tokens + group.output_tokens;
  const totals = new Map<string, Series>();
  // Sandboxes use no tokens, and cost nothing on a machine of one's own.
  const shown = report.usage.filter((group) => group.provider !== SANDBOX_PROVIDER || valueOf(group) > 0);
  for (const group of shown) {
    const key = `${group.provider}/${group.model}`;
    const known = totals.get(key) ?? { key, provider: group.provider, model: group.model, total: 0 };
    totals.set(key, { ...known, total: known.total + valueOf(group) });
  }
  const sorted = [...totals.values()].toSorted((a, b) => b.total - a.total || a.key.localeCompare(b.key));
  const rest = sorted.slice(MAX_SHOWN);
  const series =
    rest.length > 1
      ? [
          ...sorted.slice(0, MAX_SHOWN),
          { key: OTHERS, provider: "", model: "", total: rest.reduce((sum, one) => sum + one.total, 0) },
        ]
      : sorted;
  const own = new Set(series.map(({ key }) => key));
  const byDay = new Map<string, Map<string, number>>();
  for (const group of shown) {
    const key = `${group.provider}/${group.model}`;
    const name = own.has(key) ? key : OTHERS;
    const parts = byDay.get(group.day) ?? new Map<string, number>();
    parts.set(name, (parts.get(name) ?? 0) + valueOf(group));
    byDay.set(group.day, parts);
  }
  const count = Math.round((Date.parse(report.to) - Date.parse(report.from)) / DAY_MS) + 1;
  const days = lastDays(count, Date.parse(report.to)).map((day) => {
    const found = byDay.get(day);
    const parts = series.flatMap(({ key }) => {
      const value = found?.get(key) ?? 0;
      return value > 0 ? [{ key, value }] : [];
    });
    return { day, parts, total: parts.reduce((sum, part) => sum + part.value, 0) };
  });
  return {
    series,
    days,
    total: days.reduce((sum, day) => sum + day.total, 0),
  };
}

/** What a model, a person or a payer used and cost in the whole range. Micro-USD, by who paid. */
export interface UsagePart {
  key: string;
  /** One of its groups, which has its names. */
  first: UsageReport["usage"][number];
  calls: number;
  sandboxSeconds: number;
  keys: number;
  credits: number;
}

/** Adds up the groups of the same key, the dearest first. */
export function partsBy(
  report: UsageReport,
  keyOf: (group: UsageReport["usage"][number]) => string,
): UsagePart[] {
  const sums = new Map<string, UsagePart>();
  for (const group of report.usage) {
    const key = keyOf(group);
    const known = sums.get(key) ?? { key, first: group, calls: 0, sandboxSeconds: 0, keys: 0, credits: 0 };
    const own = group.key_source !== "platform";
    sums.set(key, {
      ...known,
      calls: known.calls + group.calls,
      sandboxSeconds: known.sandboxSeconds + group.sandbox_seconds,
      keys: known.keys + (own ? group.cost_micro_usd : 0),
      credits: known.credits + (own ? 0 : group.cost_micro_usd),
    });
  }
  return [...sums.values()].toSorted((a, b) => b.keys + b.credits - (a.keys + a.credits));
}
