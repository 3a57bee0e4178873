import { creditsOfCents, PURCHASE_CENTS } from "./purchases.ts";

/** What an automatic top-up can be set to, in cents of a US dollar, both ends allowed. */
export const TOP_UP_CENTS = {
  amount: PURCHASE_CENTS,
  threshold: { min: 100, max: 100_000 },
  monthly: { min: PURCHASE_CENTS.min, max: 5_000_000 },
} as const;

/**
 * Why a top-up was turned off: the card was declined, its bank wants its owner's confirmation, there is no saved card,
 * Stripe refused the request, or what became of one is not known.
 */
export const TOP_UP_FAILURES = ["declined", "needs_action", "no_card", "refused", "unknown"] as const;
export type TopUpFailure = (typeof TOP_UP_FAILURES)[number];

/** What of a plan says whether it is time to buy. */
interface Plan {
  isOn: boolean;
  amountCents: number;
  /** At or below this much that is free, credits are bought. */
  thresholdCents: number;
  monthlyMaxCents: number;
  /** The month (UTC) of the last top-up, and what was topped up in it or is under way. */
  month: string;
  monthCents: number;
}

/** What a plan has bought in a month, with what is under way. */
export const boughtIn = ({ month, monthCents }: Pick<Plan, "month" | "monthCents">, now: string): number =>
  month === now ? monthCents : 0;

/**
 * Whether a plan buys credits now.
 * @param availableMicroUsd the balance less what is held
 * @param month such as `2026-11`
 * @returns `ceiling` where the month's most would be passed
 */
export function topUpDue(plan: Plan, availableMicroUsd: number, month: string): "buy" | "enough" | "ceiling" {
  if (!plan.isOn || availableMicroUsd > creditsOfCents(plan.thresholdCents)) return "enough";
  return boughtIn(plan, month) + plan.amountCents > plan.monthlyMaxCents ? "ceiling" : "buy";
}
