/** The form of a word that goes with a number, in English. */
export const plural = (count: number, one: string, other: string): string => (count === 1 ? one : other);

const ORDINALS = new Intl.PluralRules("en", { type: "ordinal" });
const ENDINGS: Partial<Record<Intl.LDMLPluralRule, string>> = { one: "st", two: "nd", few: "rd" };

/** A place in English: `1st`, `22nd`, `113th`. */
export const ordinal = (place: number): string => `${place}${ENDINGS[ORDINALS.select(place)] ?? "th"}`;
