/** What a cap may be, in micro-USD: a cent to ten thousand dollars. */
const MIN_CAP = 10_000;
const MAX_CAP = 10_000_000_000;

export type TypedAmount = { ok: true; microUsd: number } | { ok: false; problem: string };

/** Dollars as a person types them (`2`, `$2.50`, `1,000`), as a cap. */
export function parseCap(text: string): TypedAmount {
  const plain = text
    .trim()
    .replace(/^\$\s*/, "")
    .replace(/,(?=\d{3}(?:\D|$))/g, "");
  const found = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(plain);
  if (!found) return { ok: false, problem: "Write an amount in dollars, such as 2.50." };
  const [, whole = "0", rest = ""] = found;
  if (rest.length > 2) return { ok: false, problem: "A cap goes to the cent: two digits after the point." };
  const microUsd = Number(whole) * 1_000_000 + Number(rest.padEnd(2, "0")) * 10_000;
  if (microUsd < MIN_CAP) return { ok: false, problem: "The smallest cap is one cent, $0.01." };
  if (microUsd > MAX_CAP) return { ok: false, problem: "The largest cap is $10,000." };
  return { ok: true, microUsd };
}

/** A cap as it stands in a field: `2.50`. */
export function capText(microUsd: number): string {
  return (microUsd / 1_000_000).toFixed(2);
}

/** A higher cap to offer: twice the present one, to the cent, and more than what was spent. */
export function nextCap(cap: number, spent: number): number {
  return Math.min(MAX_CAP, Math.ceil((Math.max(cap, spent) * 2) / MIN_CAP) * MIN_CAP);
}
