/** What a reader of a log may leave out of it. */
export interface EventFilter {
  /** Types as they are, or with `*` for any characters, as in `tool.*`; without any, all of them. */
  types?: readonly string[] | undefined;
  /** The last `seq` that counts. */
  until?: number | undefined;
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
