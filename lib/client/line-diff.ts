import { diffArrays } from "diff";
import type { Diff } from "#domain/events.ts";

/** One line of a diff, with its number on each side that has it. */
export interface DiffLine {
  op: "same" | "add" | "del";
  text: string;
  before?: number;
  after?: number;
}

export interface DiffHunk {
  /** `@@ -18,5 +18,11 @@` */
  header: string;
  lines: DiffLine[];
}

export interface LineDiff {
  hunks: DiffHunk[];
  added: number;
  removed: number;
}

/** Beyond this many differences the middle is shown as replaced: the search grows with their square. */
const MAX_DIFFERENCES = 1500;

/** The lines of a text; a newline at the end does not begin another line. */
function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

type Op = DiffLine["op"];

/**
 * The shortest script between two lists, what goes before what comes; all of it replaced where the search would take too
 * long.
 */
export function script(a: string[], b: string[]): Op[] {
  const changes = diffArrays(a, b, { maxEditLength: MAX_DIFFERENCES });
  const times = (op: Op, count: number) => Array<Op>(count).fill(op);
  if (!changes) return [...times("del", a.length), ...times("add", b.length)];
  return changes.flatMap(({ added, removed, value }) =>
    times(added ? "add" : removed ? "del" : "same", value.length),
  );
}

/**
 * Compares two texts line by line.
 * @param before null where there was no such file
 * @param context lines shown around each change
 */
export function diffLines(before: string | null, after: string, context = 3): LineDiff {
  const a = linesOf(before ?? "");
  const b = linesOf(after);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const midA = a.slice(head, a.length - tail);
  const midB = b.slice(head, b.length - tail);
  const ops = [...Array<Op>(head).fill("same"), ...script(midA, midB), ...Array<Op>(tail).fill("same")];
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  for (const op of ops) {
    const text = (op === "add" ? b[j] : a[i]) ?? "";
    lines.push({
      op,
      text,
      ...(op !== "add" && { before: (i += 1) }),
      ...(op !== "del" && { after: (j += 1) }),
    });
  }
  return {
    hunks: hunksOf(lines, context),
    added: lines.filter((line) => line.op === "add").length,
    removed: lines.filter((line) => line.op === "del").length,
  };
}

function hunksOf(lines: DiffLine[], context: number): DiffHunk[] {
  const ranges: { from: number; to: number }[] = [];
  lines.forEach((line, index) => {
    if (line.op === "same") return;
    const from = Math.max(0, index - context);
    const to = Math.min(lines.length, index + context + 1);
    const last = ranges.at(-1);
    if (last && from <= last.to) last.to = to;
    else ranges.push({ from, to });
  });
  return ranges.map(({ from, to }) => {
    const part = lines.slice(from, to);
    const side = (key: "before" | "after") => {
      const numbers = part.flatMap((line) => line[key] ?? []);
      const previous = lines.slice(0, from).findLast((line) => line[key] !== undefined)?.[key] ?? 0;
      return `${numbers[0] ?? previous},${numbers.length}`;
    };
    return { header: `@@ -${side("before")} +${side("after")} @@`, lines: part };
  });
}

const known = new WeakMap<Diff, LineDiff>();

/** The lines of a change, worked out once however often it is shown. */
export function linesOfDiff(diff: Diff): LineDiff {
  let lines = known.get(diff);
  if (!lines) known.set(diff, (lines = diffLines(diff.old_text, diff.new_text)));
  return lines;
}

/** A row of a diff with both texts beside each other; a side that has no such line is undefined. */
export interface DiffRow {
  left: DiffLine | undefined;
  right: DiffLine | undefined;
}

/** A hunk's lines beside each other: what was taken away stands opposite what came in its place. */
export function rowsOf(lines: readonly DiffLine[]): DiffRow[] {
  const rows: DiffRow[] = [];
  let gone: DiffLine[] = [];
  let come: DiffLine[] = [];
  const close = () => {
    for (let at = 0; at < Math.max(gone.length, come.length); at += 1)
      rows.push({ left: gone[at], right: come[at] });
    gone = [];
    come = [];
  };
  for (const line of lines) {
    if (line.op === "del") {
      // What comes after an addition begins another change.
      if (come.length > 0) close();
      gone.push(line);
    } else if (line.op === "add") come.push(line);
    else {
      close();
      rows.push({ left: line, right: line });
    }
  }
  close();
  return rows;
}
