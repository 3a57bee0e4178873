import { diffWordsWithSpace } from "diff";
import { type DiffLine, rowsOf } from "./line-diff.ts";

/** A part of a line; `changed` where the other line of the pair has something else there. */
export interface LinePart {
  text: string;
  /** Where it begins in its line. */
  at: number;
  changed: boolean;
}

/** Longer lines, such as minified ones, are shown without parts: the search grows with their length. */
const MAX_CHARS = 500;
const MAX_DIFFERENCES = 60;
/** Lines that have less than this share of their characters in common are simply other lines. */
const MIN_COMMON = 0.4;

const merged = (parts: Omit<LinePart, "at">[]): LinePart[] => {
  const all: LinePart[] = [];
  let at = 0;
  for (const { text, changed } of parts) {
    const last = all.at(-1);
    if (last?.changed === changed) last.text += text;
    else if (text !== "") all.push({ text, changed, at });
    at += text.length;
  }
  return all;
};

/**
 * What has changed within two lines, word by word.
 * @returns the parts of both; undefined where they have too little in common, or are too long to look
 */
export function wordDiff(
  before: string,
  after: string,
): { before: LinePart[]; after: LinePart[] } | undefined {
  if (Math.max(before.length, after.length) > MAX_CHARS) return undefined;
  const changes = diffWordsWithSpace(before, after, { maxEditLength: MAX_DIFFERENCES });
  if (!changes) return undefined;
  const common = changes
    .filter(({ added, removed }) => !added && !removed)
    .reduce((sum, { value }) => sum + value.trim().length, 0);
  const longest = Math.max(before.trim().length, after.trim().length);
  if (common < MIN_COMMON * longest) return undefined;
  const side = (other: "added" | "removed") =>
    merged(
      changes
        .filter((change) => !change[other])
        .map(({ added, removed, value }) => ({ text: value, changed: added || removed })),
    );
  return { before: side("added"), after: side("removed") };
}

/** The parts of those lines of a hunk that were changed in part. */
export function partsOfLines(lines: readonly DiffLine[]): ReadonlyMap<DiffLine, LinePart[]> {
  const parts = new Map<DiffLine, LinePart[]>();
  for (const { left, right } of rowsOf(lines)) {
    if (left?.op !== "del" || right?.op !== "add") continue;
    const words = wordDiff(left.text, right.text);
    if (!words) continue;
    parts.set(left, words.before);
    parts.set(right, words.after);
  }
  return parts;
}
