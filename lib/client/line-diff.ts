import type { Diff } from "../domain/events.ts";

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

/** The shortest script between two lists, by Myers' greedy search (1986); undefined where it would take too long. */
function shortestScript(a: string[], b: string[]): ("same" | "add" | "del")[] | undefined {
  const max = Math.min(a.length + b.length, MAX_DIFFERENCES);
  const offset = max + 1;
  const reach = new Int32Array(2 * max + 3);
  const trail: Int32Array[] = [];
  for (let d = 0; d <= max; d += 1) {
    trail.push(reach.slice());
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach[offset + k - 1] ?? 0) < (reach[offset + k + 1] ?? 0));
      let x = down ? (reach[offset + k + 1] ?? 0) : (reach[offset + k - 1] ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reach[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(trail, d, a.length, b.length, offset);
    }
  }
  return undefined;
}

function walkBack(trail: Int32Array[], d: number, endX: number, endY: number, offset: number) {
  const ops: ("same" | "add" | "del")[] = [];
  let x = endX;
  let y = endY;
  for (let step = d; step >= 0; step -= 1) {
    const reach = trail[step] ?? new Int32Array();
    const k = x - y;
    const down = k === -step || (k !== step && (reach[offset + k - 1] ?? 0) < (reach[offset + k + 1] ?? 0));
    const fromX = step === 0 ? 0 : down ? (reach[offset + k + 1] ?? 0) : (reach[offset + k - 1] ?? 0);
    const fromY = step === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    const stopX = step === 0 ? 0 : down ? fromX : fromX + 1;
    while (x > stopX) {
      ops.push("same");
      x -= 1;
      y -= 1;
    }
    if (step > 0) ops.push(down ? "add" : "del");
    x = fromX;
    y = fromY;
  }
  return ops.toReversed();
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
  const script = shortestScript(midA, midB) ?? [
    ...midA.map(() => "del" as const),
    ...midB.map(() => "add" as const),
  ];
  const ops = [...Array<"same">(head).fill("same"), ...script, ...Array<"same">(tail).fill("same")];
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
