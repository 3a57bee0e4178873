import type { KeySource } from "./catalog.ts";

/** Tokens and cost of some model calls. `cachedTokens` are part of `inputTokens`. */
export interface UsageSum {
  calls: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  /** Integer micro-USD. */
  costMicroUsd: number;
}

/** The calls of one day to one model that one payer paid for. */
export interface UsageGroup extends UsageSum {
  /** `2026-11-20`, in UTC. */
  day: string;
  provider: string;
  model: string;
  keySource: KeySource;
}

/** One model call. */
export interface UsageCall extends Omit<UsageSum, "calls"> {
  /** Epoch milliseconds. */
  at: number;
  provider: string;
  model: string;
  keySource: KeySource;
}

/** The day of a moment, in UTC. @param at epoch milliseconds */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The days from `from` to the day of `now`, oldest first. @param days how many, today included */
export function lastDays(days: number, now: number): string[] {
  return Array.from({ length: days }, (_, index) => dayOf(now - (days - 1 - index) * 86_400_000));
}

function sum(a: UsageSum, b: UsageSum): UsageSum {
  return {
    calls: a.calls + b.calls,
    inputTokens: a.inputTokens + b.inputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costMicroUsd: a.costMicroUsd + b.costMicroUsd,
  };
}

/** Adds up groups of the same day, model and payer, newest day first, the dearest of a day first. */
export function addGroups(groups: readonly UsageGroup[]): UsageGroup[] {
  const sums = new Map<string, UsageGroup>();
  for (const group of groups) {
    const key = JSON.stringify([group.day, group.provider, group.model, group.keySource]);
    const known = sums.get(key);
    sums.set(key, known ? { ...known, ...sum(known, group) } : group);
  }
  return [...sums.values()].toSorted(
    (a, b) => b.day.localeCompare(a.day) || b.costMicroUsd - a.costMicroUsd || a.model.localeCompare(b.model),
  );
}

/** Sums calls up by day, model and payer. */
export function usageByDay(calls: readonly UsageCall[]): UsageGroup[] {
  return addGroups(
    calls.map(
      ({ at, provider, model, keySource, inputTokens, cachedTokens, outputTokens, costMicroUsd }) => ({
        day: dayOf(at),
        provider,
        model,
        keySource,
        calls: 1,
        inputTokens,
        cachedTokens,
        outputTokens,
        costMicroUsd,
      }),
    ),
  );
}
