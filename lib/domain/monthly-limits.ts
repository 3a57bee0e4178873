/**
 * What an organization, a member, an agent or an API key may spend in a calendar month (UTC). What counts is the cost of
 * model calls, no matter who pays the provider: credits and own keys alike. Pure.
 */
import { type BudgetStep, stepAt } from "./budget-steps.ts";

/** Whose spending a limit holds, in the order in which they are looked at. */
export const LIMIT_SUBJECTS = ["organization", "member", "agent", "api_key"] as const;
export type LimitSubject = (typeof LIMIT_SUBJECTS)[number];

/** One cent at least, a million dollars at most; micro-USD. */
export const MONTHLY_LIMIT = { min: 10_000, max: 1_000_000_000_000 } as const;

/** When a month is over. @param month `2026-11` @returns epoch milliseconds */
export function monthEnd(month: string): number {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return Date.UTC(year, number, 1);
}

/** How a limit's month stands; integer micro-USD. */
export interface MonthState {
  spentMicroUsd: number;
  /** The highest step that people were told of; 0 for none. */
  toldStep: number;
}

/** Which step people are to be told of now: the highest that is reached, unless they know. Null for none. */
export function stepToTell(
  { spentMicroUsd, toldStep }: MonthState,
  limitMicroUsd: number,
): BudgetStep | null {
  const step = stepAt(spentMicroUsd, limitMicroUsd);
  return step > toldStep && step !== 0 ? step : null;
}

/**
 * What people still know once the limit is another: the steps that they were told of and that are still reached. What is
 * no longer reached is told when it is reached again; what a lower limit has made reached is told with the next call.
 */
export const toldAfterChange = ({ spentMicroUsd, toldStep }: MonthState, limitMicroUsd: number): number =>
  Math.min(toldStep, stepAt(spentMicroUsd, limitMicroUsd));

/** Whose limit it is, in the middle of a sentence, where nobody's name is known. */
export const LIMIT_OF: Readonly<Record<LimitSubject, string>> = {
  organization: "the organization's monthly limit",
  member: "the monthly limit of the person who sent the message",
  agent: "the agent's monthly limit",
  api_key: "the monthly limit of the API key",
};

/** The cause of a wait for a monthly limit, as a sentence without a stop. */
export const limitWait = (subject: LimitSubject): string =>
  `${LIMIT_OF[subject].replace(/^t/, "T")} is reached`;

/** What a warning of a limit says; `scope` is a limit's subject, or the session or run whose cap it is. */
export function warningWords(percent: number, scope: string): string {
  const subject = LIMIT_SUBJECTS.find((one) => one === scope);
  return `${percent} % of ${subject ? LIMIT_OF[subject] : `the ${scope}'s budget`}`;
}
