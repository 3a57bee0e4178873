import { dayOf } from "./usage-report.ts";

const DAY_MS = 86_400_000;
/** Whole days that the mean is of, at most; and with how few there is one. */
export const FORECAST_DAYS = { most: 7, least: 3 } as const;

/** What a day (UTC) has cost. */
interface DayCost {
  /** `2026-11-20`. */
  day: string;
  /** Integer micro-USD. */
  costMicroUsd: number;
}

/** How a month is likely to end, in integer micro-USD. */
export interface Forecast {
  /** `2026-11`, in UTC. */
  month: string;
  /** Since its first day. */
  spentMicroUsd: number;
  /** At its end; null where there are fewer whole days to go by than `FORECAST_DAYS.least`. */
  forecastMicroUsd: number | null;
  /** Whole days that the mean is of. */
  basisDays: number;
}

/** The first day (UTC) whose cost a forecast needs. @param now epoch milliseconds */
export function forecastFrom(now: number): string {
  const first = `${dayOf(now).slice(0, 7)}-01`;
  const basis = dayOf(now - FORECAST_DAYS.most * DAY_MS);
  return first < basis ? first : basis;
}

/**
 * What the month will have cost: what it has cost so far, and for what is left of it the mean of the last seven whole
 * days. Days before the first cost that is known of are none of these; days without any cost after it are.
 * @param costs of the days since `forecastFrom`, in any order; several of one day are added up
 * @param now epoch milliseconds
 */
export function forecastOf(costs: readonly DayCost[], now: number): Forecast {
  const today = dayOf(now);
  const month = today.slice(0, 7);
  const sum = (of: (day: string) => boolean) =>
    costs.reduce((total, { day, costMicroUsd }) => total + (of(day) ? costMicroUsd : 0), 0);
  const spentMicroUsd = sum((day) => day.startsWith(month));
  const first = costs.reduce((least, { day }) => (day < least ? day : least), today);
  const known = Math.round((Date.parse(today) - Date.parse(first)) / DAY_MS);
  const basisDays = Math.min(FORECAST_DAYS.most, known);
  if (basisDays < FORECAST_DAYS.least) return { month, spentMicroUsd, forecastMicroUsd: null, basisDays };
  const since = dayOf(Date.parse(today) - basisDays * DAY_MS);
  const mean = sum((day) => day >= since && day < today) / basisDays;
  const [year = 0, number = 0] = month.split("-").map(Number);
  const daysLeft = (Date.UTC(year, number, 1) - now) / DAY_MS;
  return { month, spentMicroUsd, forecastMicroUsd: Math.round(spentMicroUsd + mean * daysLeft), basisDays };
}
