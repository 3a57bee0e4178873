/** The language that the catalogue beside this file is written in. */
const LANGUAGE = "en";

/** A text with a form for each kind of number, by CLDR's names: `one` and `other` are those of English. */
export interface Counted {
  one: string;
  other: string;
}

type NamesOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesOf<Rest>
  : never;

/** What a text with `{name}` in it needs: a value for each name. */
export type Values<Text extends string, Value> = string extends Text
  ? Record<string, Value>
  : Record<NamesOf<Text>, Value>;

/** The text with its values in it. What a reader sees of a number is for `Format` to say: pass it formatted. */
export function fill<Text extends string>(text: Text, values: Values<Text, string | number>): string {
  const known: Partial<Record<string, string | number>> = values;
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(known[name] ?? whole));
}

const rules = new Intl.PluralRules(LANGUAGE);

/** The form of a text that goes with a number. */
export function form<One extends string, Other extends string>(
  { one, other }: { one: One; other: Other },
  count: number,
): One | Other {
  return rules.select(count) === "one" ? one : other;
}
