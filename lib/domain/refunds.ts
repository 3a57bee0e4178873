import { dayOf } from "./usage-report.ts";

/**
 * Why a run failed that the platform answers for: its sandbox was lost, or part of the agent's stream. Not the provider's
 * failures, nor an agent that ended: whatever runs in a sandbox could end it.
 */
const PLATFORM_CAUSES: ReadonlySet<string> = new Set(["sandbox_lost", "stream_gap"]);

export const isPlatformsFault = (errorKind: string): boolean => PLATFORM_CAUSES.has(errorKind);

/**
 * So many runs of an organization get their credits back by themselves within a day, and so much in all: anyone who has a
 * sandbox can end it from within. Beyond, somebody has to look.
 */
export const REFUNDS = { runs: 20, amountMicroUsd: 10_000_000, withinMs: 24 * 3600_000 } as const;

export const REFUND_WORDS = "Credits returned: a run failed for a cause on our side";

/** What was given back on one day. */
export interface RefundsOfDay {
  /** `2026-11-20`, in UTC. */
  day: string;
  refunds: number;
  /** Integer micro-USD. */
  amountMicroUsd: number;
}

/** Refunds added up by day, in the order in which the days come. @param entries `at`: epoch milliseconds */
export function refundsByDay(entries: readonly { at: number; deltaMicroUsd: number }[]): RefundsOfDay[] {
  const days = new Map<string, RefundsOfDay>();
  for (const { at, deltaMicroUsd } of entries) {
    const day = dayOf(at);
    const sum = days.get(day) ?? { day, refunds: 0, amountMicroUsd: 0 };
    days.set(day, { day, refunds: sum.refunds + 1, amountMicroUsd: sum.amountMicroUsd + deltaMicroUsd });
  }
  return [...days.values()];
}
