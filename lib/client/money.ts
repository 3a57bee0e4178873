import { ENDPOINT_PRICE_LIMIT, LIMITS } from "#domain/limits.ts";
import type { Format } from "./format.ts";

/** What a limit can be, in micro-USD, and what it is called. */
export interface AmountBounds {
  min: number;
  max: number;
  name: "cap" | "limit";
}

const CAP: AmountBounds = { min: LIMITS.budgetCap.min, max: LIMITS.budgetCap.max, name: "cap" };
const EXAMPLE = 2_500_000;

export type TypedAmount = { ok: true; microUsd: number } | { ok: false; problem: string };

/** A number as it is typed in a locale, as JavaScript has it: `1.234,50` is `1234.50` where a comma ends the whole. */
function plainNumber(text: string, { group, decimal }: Format["separators"]): string {
  const grouped = text.replaceAll(/[\s\u00a0\u202f]/g, "").split(group);
  // Only what stands before three digits can be a group's end.
  const whole = grouped.slice(1).every((part) => /^\d{3}(?!\d)/.test(part));
  return (whole ? grouped.join("") : grouped.join(group)).replace(decimal, ".");
}

/** Dollars as a person types them, as a cap: `2`, `$2.50`, `1,000` in English, `2,50 $` in German. */
export function parseCap(text: string, f: Format, { min, max, name } = CAP): TypedAmount {
  const bare = text.trim().replace(/^\$\s*|\s*\$$/g, "");
  const found = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(plainNumber(bare, f.separators));
  if (!found) return { ok: false, problem: `Enter an amount in dollars, such as ${f.cap(EXAMPLE)}.` };
  const [, whole = "0", rest = ""] = found;
  if (rest.length > 2) return { ok: false, problem: "Use at most two decimal places." };
  const microUsd = Number(whole) * 1_000_000 + Number(rest.padEnd(2, "0")) * 10_000;
  if (microUsd < min) return { ok: false, problem: `The smallest ${name} is ${f.dollars(min)}.` };
  if (microUsd > max) return { ok: false, problem: `The largest ${name} is ${f.price(max)}.` };
  return { ok: true, microUsd };
}

const { max: MAX_PRICE } = ENDPOINT_PRICE_LIMIT;

/** A price in dollars as a person types it, to the micro-dollar; null where nothing is typed. */
export function parsePrice(
  text: string,
  f: Format,
): { ok: true; microUsd: number | null } | { ok: false; problem: string } {
  const bare = text.trim().replace(/^\$\s*|\s*\$$/g, "");
  if (bare === "") return { ok: true, microUsd: null };
  const found = /^(\d{1,4})(?:\.(\d{1,6}))?$/.exec(plainNumber(bare, f.separators));
  const microUsd = found && Number(found[1]) * 1_000_000 + Number((found[2] ?? "").padEnd(6, "0"));
  if (microUsd === null || microUsd > MAX_PRICE)
    return {
      ok: false,
      problem: `Enter a price in dollars from 0 to ${f.price(MAX_PRICE)}, or leave it empty.`,
    };
  return { ok: true, microUsd };
}

/** A higher cap to offer: twice the present one, to the cent, and more than what was spent. */
export function nextCap(cap: number, spent: number, { min, max } = CAP): number {
  return Math.min(max, Math.ceil((Math.max(cap, spent) * 2) / min) * min);
}
