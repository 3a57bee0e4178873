/** An amount in US dollars as an operator types it, such as 25 or 2.50, in micro-USD; null where it is none. */
export function typedDollars(text: string): number | null {
  const [, whole, part = ""] = /^(\d{1,7})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  return Number(whole) * 1_000_000 + Number(part.padEnd(6, "0"));
}
