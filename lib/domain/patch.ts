import type { Diff } from "./events.ts";

/** One file's part of a patch as the agent's `apply_patch` tool writes it. */
export interface PatchedFile {
  action: "add" | "update" | "delete";
  path: string;
  /** Where the file goes to. */
  movedTo?: string;
  /** The lines that are shown of it, before and after: of a file that is changed its changed places alone. */
  before: string;
  after: string;
}

const HEADER = /^\*\*\* (Add|Update|Delete) File: (.+)$/;
const MOVE = /^\*\*\* Move to: (.+)$/;
const ACTIONS: Record<string, PatchedFile["action"]> = { Add: "add", Update: "update", Delete: "delete" };

function lineOf(file: PatchedFile, line: string): void {
  const text = `${line.slice(1)}\n`;
  if (line.startsWith("+")) file.after += text;
  else if (line.startsWith("-")) file.before += text;
  else if (line.startsWith(" ") || line === "") {
    file.before += text;
    file.after += text;
  }
}

/**
 * The files of a patch text, in order: `*** Begin Patch`, sections that begin with `*** Add File: `,
 * `*** Update File: ` or `*** Delete File: ` (an update may be followed by `*** Move to: `), lines that begin with
 * `+`, `-` or a space, hunks that begin with `@@`, `*** End Patch`. Source: the description of OpenCode 1.18.33's tool.
 * Text that is none of it gives no files.
 */
export function patchedFiles(patch: string): PatchedFile[] {
  const files: PatchedFile[] = [];
  for (const line of patch.split(/\r?\n/)) {
    if (line.startsWith("*** End Patch")) break;
    const [, action, path] = HEADER.exec(line) ?? [];
    const last = files.at(-1);
    if (action !== undefined && path !== undefined)
      files.push({ action: ACTIONS[action] ?? "update", path: path.trim(), before: "", after: "" });
    else if (!last || line.startsWith("@@")) continue;
    else if (MOVE.test(line)) last.movedTo = (MOVE.exec(line)?.[1] ?? "").trim();
    else if (!line.startsWith("*** ")) lineOf(last, line);
  }
  return files;
}

/** A patch's files as diffs: what stands in the patch itself, which of a changed file are its changed places. */
export function patchDiffs(patch: string): Diff[] {
  return patchedFiles(patch).map(({ action, path, movedTo, before, after }) => ({
    path: movedTo ?? path,
    old_text: action === "add" ? null : before,
    new_text: after,
  }));
}
