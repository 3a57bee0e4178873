/** Which rules have had nothing to decide for long. Pure. */
import type { RuleAction } from "./rule.ts";

const DAY_MS = 86_400_000;
/** Days without use after which a rule is pointed out. */
export const UNUSED_DAYS = 30;

/** The beginning of a day (UTC), epoch milliseconds: as exact as the use of rules is kept. */
export const startOfDay = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;

interface Used {
  enabled: boolean;
  action: RuleAction;
  updatedAt: number;
  usedAt?: number | undefined;
  usedFrom?: number | undefined;
}

/** Whether a rule has had no say for 30 days, since it is as it is. One that denies is there for what should not happen. */
export function isUnused(
  { enabled, action, updatedAt, usedAt = 0, usedFrom = 0 }: Used,
  now: number,
): boolean {
  const since = Math.max(updatedAt, usedAt, usedFrom);
  return enabled && action !== "auto_deny" && now - since >= UNUSED_DAYS * DAY_MS;
}
