/**
 * Whether JSON text nests lists and objects more than `max` deep: what reads it by recursion would end its stack. Linear;
 * text that is no JSON gets an answer, too.
 */
export function isDeeper(text: string, max: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "[" || char === "{") {
      depth += 1;
      if (depth > max) return true;
    } else if (char === "]" || char === "}") depth -= 1;
  }
  return false;
}
