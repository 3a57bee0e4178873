/** A record of a JSON object, as opposed to a list or null. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The parts of a dotted path, in which `a[0].b` is the same as `a.0.b`. */
const pathParts = (path: string): string[] =>
  path
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .split(".")
    .filter((part) => part !== "");

/** What lies at a dotted path, own properties alone; undefined where nothing does. */
export function valueAt(root: unknown, path: string): unknown {
  let at = root;
  for (const part of pathParts(path)) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

/** The same JSON value, in whatever order an object has its fields. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}

/** A JSON value as it stands in a text: objects as JSON; nothing, and null, as nothing. */
export const valueText = (value: unknown): string =>
  value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
