/**
 * The first of a search index's stored fields, which no field of a document can be called. Its number is that of the
 * layout of the entries: an index with another is built again.
 */
export const SEARCH = "$search.2";

const WORD = /[\p{L}\p{N}]+/gu;
const MAX_LENGTH = 64;

/** The different words of a text, in their order, in lower case. */
export function tokens(text: string): string[] {
  const words = text.toLowerCase().match(WORD) ?? [];
  return [...new Set(words)].filter((word) => word.length <= MAX_LENGTH);
}
