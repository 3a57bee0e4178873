import { parsePatch, type StructuredPatch } from "diff";
import type { DiffHunk, DiffLine } from "./line-diff.ts";

/** One place of a file's change, where it begins on both sides, and its text below the header. */
export interface PatchHunk extends DiffHunk {
  oldStart: number;
  newStart: number;
  body: string;
}

/** What a patch of git's does to one file. */
export interface PatchFile {
  path: string;
  /** Of a renamed or copied file: its path before. */
  from: string | undefined;
  kind: "changed" | "new" | "deleted" | "renamed" | "copied";
  /** Of a file whose kind or rights change: both modes, such as `100644` and `100755`. */
  modes: { before: string; after: string } | undefined;
  isBinary: boolean;
  hunks: PatchHunk[];
  added: number;
  removed: number;
  /** This file's part of the patch, to the letter, and what of it stands before its first hunk. */
  patch: string;
  head: string;
}

const SIGNS: Record<string, DiffLine["op"]> = { " ": "same", "+": "add", "-": "del" };

function linesOf({ oldStart, newStart, lines }: StructuredPatch["hunks"][number]): DiffLine[] {
  let before = oldStart;
  let after = newStart;
  return lines.flatMap((line) => {
    const op = SIGNS[line[0] ?? ""];
    // “\ No newline at end of file” is no line of the file.
    if (!op) return [];
    const made: DiffLine = { op, text: line.slice(1) };
    if (op !== "add") made.before = before++;
    if (op !== "del") made.after = after++;
    return [made];
  });
}

const kindOf = (file: StructuredPatch): PatchFile["kind"] =>
  file.isCreate
    ? "new"
    : file.isDelete
      ? "deleted"
      : file.isRename
        ? "renamed"
        : file.isCopy
          ? "copied"
          : "changed";

const bare = (name: string | undefined) => name?.replace(/^[ab]\//, "") ?? "";

function fileOf(patch: string): PatchFile | undefined {
  let file: StructuredPatch | undefined;
  try {
    [file] = parsePatch(patch);
  } catch {
    return undefined;
  }
  if (!file) return undefined;
  const [head = "", ...places] = patch.split(/^(?=@@ )/m);
  const hunks = file.hunks.map((hunk, index) => {
    const place = places[index] ?? "";
    const header = place.split("\n", 1)[0] ?? "";
    const { oldStart, newStart } = hunk;
    return { header, lines: linesOf(hunk), oldStart, newStart, body: place.slice(header.length + 1) };
  });
  const kind = kindOf(file);
  const count = (op: DiffLine["op"]) =>
    hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.op === op).length, 0);
  const { oldMode, newMode } = file;
  return {
    path: bare(kind === "deleted" ? file.oldFileName : file.newFileName),
    from: kind === "renamed" || kind === "copied" ? bare(file.oldFileName) : undefined,
    kind,
    modes: kind !== "new" && oldMode && newMode ? { before: oldMode, after: newMode } : undefined,
    isBinary: file.isBinary === true,
    hunks,
    added: count("add"),
    removed: count("del"),
    patch,
    head,
  };
}

/**
 * Reads what `git diff` writes, file by file. What cannot be read as such is left out.
 * https://git-scm.com/docs/git-diff#_generating_patch_text_with_p
 */
export const patchFiles = (text: string): PatchFile[] =>
  // No line of a file begins so: those have a sign in front.
  text.split(/^(?=diff --git )/m).flatMap((part) => (part.startsWith("diff --git ") && fileOf(part)) || []);

/**
 * Some hunks of a file as a patch of their own. Git looks for a hunk from the line that its header names, so those are
 * counted again: where the same lines stand in several places, it would find the wrong ones.
 * @param way `apply`: to the text before; `takeBack`: from the text as it is now, with all hunks in it
 */
export function partOf(
  { head, patch, hunks: all }: PatchFile,
  chosen: readonly PatchHunk[],
  way: "apply" | "takeBack",
): string {
  if (chosen.length === all.length) return patch;
  let shift = 0;
  const parts = chosen.map((hunk) => {
    const count = (op: DiffLine["op"]) => hunk.lines.filter((line) => line.op === op).length;
    const [same, gone, come] = [count("same"), count("del"), count("add")];
    const before = way === "apply" ? hunk.oldStart : hunk.newStart - shift;
    const after = way === "apply" ? hunk.oldStart + shift : hunk.newStart;
    shift += come - gone;
    return `@@ -${before},${same + gone} +${after},${same + come} @@\n${hunk.body}`;
  });
  return head + parts.join("");
}
