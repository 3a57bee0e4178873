import { isRecord, sameJson } from "./paths.ts";
import { pathText } from "./faults.ts";

/** One field that is different; a side is undefined where the field is not there. */
export interface FieldDifference {
  path: string;
  before?: unknown;
  after?: unknown;
}

function walk(before: unknown, after: unknown, path: PropertyKey[], found: FieldDifference[]): void {
  if (sameJson(before, after)) return;
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [a, b] = [before, after].map((side) => (Object.hasOwn(side, key) ? side[key] : undefined));
      walk(a, b, [...path, key], found);
    }
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, item] of before.entries()) walk(item, after[index], [...path, index], found);
    return;
  }
  found.push({
    path: pathText(path),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  });
}

/** What is different between two definitions, field by field, as deep as both have the same shape. */
export function fieldDifferences(before: unknown, after: unknown): FieldDifference[] {
  const found: FieldDifference[] = [];
  walk(before, after, [], found);
  return found;
}

/** Where one definition stands between what it was, what we made of it, and what others made of it. */
export interface ThreeWay {
  path: string;
  base?: unknown;
  ours?: unknown;
  theirs?: unknown;
  /** True where both sides changed the same field to something else. */
  conflict: boolean;
}

/** What each side changed of a definition; null stands for one that is not there. */
export function threeWay(base: unknown, ours: unknown, theirs: unknown): ThreeWay[] {
  const mine = new Map(fieldDifferences(base, ours).map((one) => [one.path, one]));
  const other = new Map(fieldDifferences(base, theirs).map((one) => [one.path, one]));
  const overlaps = (a: string, b: string) =>
    a === b ||
    a === "" ||
    b === "" ||
    [".", "["].some((next) => a.startsWith(b + next) || b.startsWith(a + next));
  return [...new Set([...mine.keys(), ...other.keys()])].toSorted().map((path) => {
    const [a, b] = [mine.get(path), other.get(path)];
    const before = (a ?? b)?.before;
    const opposite = a ? [...other.values()] : [...mine.values()];
    const clash = opposite.some(
      (one) => overlaps(one.path, path) && !(a && b && one.path === path && sameJson(a.after, b.after)),
    );
    return {
      path,
      ...(before !== undefined && { base: before }),
      ...(a && { ours: a.after }),
      ...(b && { theirs: b.after }),
      conflict: clash,
    };
  });
}

/**
 * What others made of a definition, with what we changed of it on top: field by field, as deep as all three have the same
 * shape. Where both changed the same, ours counts.
 */
export function merged(base: unknown, ours: unknown, theirs: unknown): unknown {
  if (sameJson(base, ours)) return theirs;
  if (sameJson(base, theirs) || !isRecord(ours) || !isRecord(theirs)) return ours;
  const from = isRecord(base) ? base : {};
  const side = (record: Record<string, unknown>, key: string) =>
    Object.hasOwn(record, key) ? record[key] : undefined;
  const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  const fields = [...keys].map(
    (key) => [key, merged(side(from, key), side(ours, key), side(theirs, key))] as const,
  );
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}
