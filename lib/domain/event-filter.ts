/** What a reader of a log may leave out of it. */
export interface EventFilter {
  /** Types as they are, or with `*` for any characters, as in `tool.*`; without any, all of them. */
  types?: readonly string[] | undefined;
  /** The last `seq` that counts. */
  until?: number | undefined;
  /** What its type or one of its payload's texts has in it, in any case; white space around it aside. */
  text?: string | undefined;
}

/** Whether a text is what a pattern says, in which `*` stands for any characters, or none. In linear time for each star. */
function matches(text: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** Whether a log that is filtered in this way has an event of that type. */
export const hasType = (type: string, { types }: EventFilter): boolean =>
  types === undefined || types.some((pattern) => matches(type, pattern));

/** Whether one of the texts of a JSON value has something in it, or a figure is it. @param wanted in small letters */
function says(value: unknown, wanted: string): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === "object" && next !== null) for (const item of Object.values(next)) left.push(item);
    else if (typeof next === "string" ? next.toLowerCase().includes(wanted) : `${next as number}` === wanted)
      return true;
  }
  return false;
}

/** Whether an event has the words that a log is filtered by. */
export function hasText(
  { type, payload }: { type: string; payload: unknown },
  { text = "" }: EventFilter,
): boolean {
  const wanted = text.trim().toLowerCase();
  return wanted === "" || type.includes(wanted) || says(payload, wanted);
}
