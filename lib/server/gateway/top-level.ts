/** One property of a JSON object's top level, and where its value stands in the text. */
export interface Property {
  name: string;
  /** Index of the value's first character, and of the one behind its last. */
  from: number;
  to: number;
}

const NEXT = /["[\]{},]/g;

/** Where a string that begins at `at` ends. By hand, since a pattern would need a stack as long as the string. */
function stringEnd(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0;
    while (text[quote - 1 - escapes] === "\\") escapes += 1;
    if (escapes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** Where the value that begins at `at` ends: at the next comma or closing bracket of its own level. */
function valueEnd(text: string, at: number): number {
  let depth = 0;
  NEXT.lastIndex = at;
  for (let found = NEXT.exec(text); found; found = NEXT.exec(text)) {
    const [mark] = found;
    if (mark === '"') NEXT.lastIndex = stringEnd(text, found.index);
    else if (mark === "{" || mark === "[") depth += 1;
    else if (depth === 0) return found.index;
    else if (mark !== ",") depth -= 1;
  }
  return text.length;
}

/**
 * The properties of a JSON object in their order, duplicates included, which `JSON.parse` would hide.
 * @param text JSON that was parsed before, so that its form is known to be right
 */
export function topLevel(text: string): Property[] {
  const found: Property[] = [];
  let at = text.indexOf('"', text.indexOf("{"));
  while (at >= 0) {
    const nameEnd = stringEnd(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    const from = text.indexOf(":", nameEnd) + 1;
    const to = valueEnd(text, from);
    found.push({ name, from, to });
    at = text[to] === "," ? text.indexOf('"', to) : -1;
  }
  return found;
}
