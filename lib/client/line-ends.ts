import { script } from "./line-diff.ts";

const BOM = "\uFEFF";
/** A text as an editor has it: one line end, and no mark of its encoding. */
export const asEdited = (text: string): string =>
  (text.startsWith(BOM) ? text.slice(1) : text).replaceAll(/\r\n?/g, "\n");

interface Line {
  text: string;
  /** Empty at the end of the file. */
  end: string;
}

function linesOf(text: string): Line[] {
  const parts = text.split(/(\r\n?|\n)/);
  return Array.from({ length: (parts.length + 1) / 2 }, (_, at) => ({
    text: parts[at * 2] ?? "",
    end: parts[at * 2 + 1] ?? "",
  }));
}

/** The line end that most lines have; a new file's is the system's of a sandbox. */
function usualEnd(lines: readonly Line[]): string {
  const counts = new Map<string, number>();
  for (const { end } of lines) if (end !== "") counts.set(end, (counts.get(end) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? "\n";
}

/** The ends of the lines that took the place of others: the last keeps theirs, since what follows is as it was. */
function endsOf(added: number, removed: readonly Line[], usual: string): string[] {
  return Array.from({ length: added }, (_, at) => {
    if (at === added - 1) return removed.at(-1)?.end ?? usual;
    return (at < removed.length - 1 ? removed[at]?.end : undefined) ?? usual;
  });
}

/**
 * A text as it is saved: each line that was not changed keeps the end that it had, a new one gets that of its file, and a
 * byte order mark stays.
 * @param original as it was read; `edited` as the editor has it
 */
export function asSaved(original: string, edited: string): string {
  const mark = original.startsWith(BOM) ? BOM : "";
  const before = linesOf(original.slice(mark.length));
  const usual = usualEnd(before);
  if (before.every(({ end }) => end === usual || end === "")) return mark + edited.replaceAll("\n", usual);
  const after = edited.split("\n");
  let start = 0;
  while (start < before.length && start < after.length && before[start]?.text === after[start]) start++;
  let tail = 0;
  while (
    tail < Math.min(before.length, after.length) - start &&
    before.at(-1 - tail)?.text === after.at(-1 - tail)
  )
    tail++;
  const old = before.slice(start, before.length - tail);
  const ends = before.slice(0, start).map(({ end }) => end);
  let gone: Line[] = [];
  let come = 0;
  let at = 0;
  const replace = () => {
    for (const end of endsOf(come, gone, usual)) ends.push(end);
    gone = [];
    come = 0;
  };
  const texts = old.map(({ text }) => text);
  for (const op of script(texts, after.slice(start, after.length - tail))) {
    const line = old[at];
    if (op === "add") come++;
    else if (line) {
      at++;
      if (op === "del") gone.push(line);
      else {
        replace();
        ends.push(line.end);
      }
    }
  }
  replace();
  for (const { end } of before.slice(before.length - tail)) ends.push(end);
  // From last to first: before an empty line whose end begins with a line feed, a carriage return would become one with it.
  const chosen = after.map(() => "");
  for (let line = after.length - 2; line >= 0; line--) {
    const end = ends[line] || usual;
    const merges = end === "\r" && after[line + 1] === "" && chosen[line + 1]?.startsWith("\n");
    chosen[line] = merges ? "\n" : end;
  }
  return mark + after.map((text, line) => text + (chosen[line] ?? "")).join("");
}
