/** Characters that take no place, or change the place of others: Unicode's tags, marks of direction, and fillers. */
const HIDDEN = /[\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]|[\u{E0100}-\u{E01EF}]|(?![\t\n\r])\p{Cc}/gu;

/** Whether a text has characters that a person can't see, and a model reads. */
export const hasHidden = (text: string): boolean => text.search(HIDDEN) >= 0;

/** A text with each of these by its number, so that a person sees what a model reads. */
export const visible = (text: string): string =>
  text.replaceAll(
    HIDDEN,
    (char) => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
