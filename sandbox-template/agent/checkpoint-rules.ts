import type { Limits } from "./checkpoint-walk.ts";

/** The file of a checkpoint, beside its folders, that says what it leaves out: an organization may change that. */
export const RULES = "rules";

/** What a checkpoint says of itself. */
export const rulesOf = ({ skip }: Limits): Buffer => Buffer.from(JSON.stringify({ skip }));

/** The names that a checkpoint leaves out. */
export function skippedIn(rules: Buffer): string[] {
  const { skip } = JSON.parse(rules.toString("utf8")) as { skip: string[] };
  return skip;
}

/** Whether a name on the way to a place, a letter for each byte, is one of those. */
export const isBelow = (names: ReadonlySet<string>, place: string): boolean =>
  place.split("/").some((name) => names.has(name));
