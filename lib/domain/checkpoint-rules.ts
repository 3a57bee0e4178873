/** The file of a checkpoint, beside its folders, that says what it leaves out: an organization may change that. */
export const RULES = "rules";

/** What a checkpoint says of itself. */
export const rulesOf = ({ skip }: { skip: readonly string[] }): string => JSON.stringify({ skip });

/** The names that a checkpoint leaves out. @throws Error where the text says nothing of that */
export function skippedIn(rules: string): string[] {
  const { skip } = JSON.parse(rules) as { skip?: unknown };
  if (!Array.isArray(skip) || !skip.every((name) => typeof name === "string"))
    throw new Error("no rules of a checkpoint");
  return skip;
}

/** Whether a name on the way to a place, a letter for each byte, is one of those. */
export const isBelow = (names: ReadonlySet<string>, place: string): boolean =>
  place.split("/").some((name) => names.has(name));
