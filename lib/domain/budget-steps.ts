/** Percents of a limit at which people are told, the highest first. */
export const BUDGET_STEPS = [100, 80, 50] as const;
export type BudgetStep = (typeof BUDGET_STEPS)[number];

/** The highest step of a limit that an amount has reached; 0 for none. Both in the same unit. */
export function stepAt(amount: number, limit: number): BudgetStep | 0 {
  if (limit <= 0) return 0;
  return BUDGET_STEPS.find((step) => amount * 100 >= limit * step) ?? 0;
}

/**
 * The highest step of a limit that spending has passed; null where it has passed none. All in micro-USD.
 * @param limit undefined where there is none
 */
export function budgetStep(before: number, after: number, limit: number | undefined): BudgetStep | null {
  const reached = limit === undefined ? 0 : stepAt(after, limit);
  return reached === 0 || limit === undefined || reached <= stepAt(before, limit) ? null : reached;
}
