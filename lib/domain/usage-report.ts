import type { KeySource } from "./catalog.ts";

/** Tokens and cost of some model calls. `cachedTokens` are part of `inputTokens`. */
export interface UsageSum {
  calls: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  /** Integer micro-USD. */
  costMicroUsd: number;
  /** Calls whose cost is what they could cost, since the provider's figures were absent or odd; without it none. */
  estimatedCalls?: number;
  /** Calls whose cost is not known, since nobody has set a price: they stand as 0 in `costMicroUsd`; without it none. */
  unpricedCalls?: number;
  /** How long sandboxes ran, in milliseconds: see sandbox-time.ts; without it not at all. */
  sandboxMs?: number;
}

/** The calls of one day to one model that one payer paid for; of one person alone, where that was asked for. */
export interface UsageGroup extends UsageSum {
  /** `2026-11-20`, in UTC. */
  day: string;
  provider: string;
  model: string;
  keySource: KeySource;
  /** Who sent the messages; null where nobody noted it, without it where all people are added up. */
  userId?: string | null;
}

/** One model call. */
export interface UsageCall extends Omit<
  UsageSum,
  "calls" | "estimatedCalls" | "unpricedCalls" | "sandboxMs"
> {
  estimated?: boolean | undefined;
  unpriced?: boolean | undefined;
}

/** The day of a moment, in UTC. @param at epoch milliseconds */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The month of a moment, in UTC: `2026-11`. @param at epoch milliseconds */
export const monthOf = (at: number): string => dayOf(at).slice(0, 7);

/** The days from `from` to the day of `now`, oldest first. @param days how many, today included */
export function lastDays(days: number, now: number): string[] {
  return Array.from({ length: days }, (_, index) => dayOf(now - (days - 1 - index) * 86_400_000));
}

/** A count that is left out where there is nothing to count. */
const counted = (name: "estimatedCalls" | "unpricedCalls" | "sandboxMs", count: number) =>
  count > 0 ? { [name]: count } : {};

/** The sum of no calls. */
export const NO_USAGE: UsageSum = {
  calls: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  costMicroUsd: 0,
};

/** One call as a sum of its own. */
export function sumOfCall(call: UsageCall): UsageSum {
  const { inputTokens, cachedTokens, outputTokens, costMicroUsd, estimated, unpriced } = call;
  return {
    calls: 1,
    inputTokens,
    cachedTokens,
    outputTokens,
    costMicroUsd,
    ...counted("estimatedCalls", estimated ? 1 : 0),
    ...counted("unpricedCalls", unpriced ? 1 : 0),
  };
}

/** Two sums as one; what else they have is left out. */
export function addSums(a: UsageSum, b: UsageSum): UsageSum {
  return {
    calls: a.calls + b.calls,
    inputTokens: a.inputTokens + b.inputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costMicroUsd: a.costMicroUsd + b.costMicroUsd,
    ...counted("estimatedCalls", (a.estimatedCalls ?? 0) + (b.estimatedCalls ?? 0)),
    ...counted("unpricedCalls", (a.unpricedCalls ?? 0) + (b.unpricedCalls ?? 0)),
    ...counted("sandboxMs", (a.sandboxMs ?? 0) + (b.sandboxMs ?? 0)),
  };
}

/** Adds up groups of the same day, model and payer, and of the same person where they name one; newest day first, the dearest of a day first. */
export function addGroups(groups: readonly UsageGroup[]): UsageGroup[] {
  const sums = new Map<string, UsageGroup>();
  for (const group of groups) {
    const key = JSON.stringify([group.day, group.provider, group.model, group.keySource, group.userId]);
    const known = sums.get(key);
    sums.set(key, known ? { ...known, ...addSums(known, group) } : group);
  }
  return [...sums.values()].toSorted(
    (a, b) => b.day.localeCompare(a.day) || b.costMicroUsd - a.costMicroUsd || a.model.localeCompare(b.model),
  );
}
