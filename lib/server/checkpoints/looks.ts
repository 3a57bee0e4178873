import type { Comparison } from "#contracts/saved.ts";
import { MAX_COMPARED_BYTES, MAX_COMPARED_FILES, MAX_MATCH_CHARS, MAX_MATCHES } from "#contracts/saved.ts";
import type { SavedWorkspace } from "./saved-workspace.ts";

const MAX_FOUND_BYTES = 4_000_000;
/** Git's name of a folder without anything in it. */
const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Not the sandbox's own keys, and nothing that git keeps for itself. */
const SHOWN = ["--", ".", ":(exclude).env", ":(exclude,glob)**/.git/**", ":(exclude,glob)**/.git"];

export interface Match {
  path: string;
  line: number;
  text: string;
}

/** A line with the words in it, cut around them where it is long. */
function cutAround(line: string, words: string): string {
  if (line.length <= MAX_MATCH_CHARS) return line;
  const at = Math.max(0, line.toLowerCase().indexOf(words.toLowerCase()));
  const from = Math.max(0, Math.min(at - 60, line.length - MAX_MATCH_CHARS));
  return `${from > 0 ? "…" : ""}${line.slice(from, from + MAX_MATCH_CHARS)}…`;
}

/**
 * Where words stand in the text files of a saved workspace, in any case.
 * @returns the first of them, and whether there are more
 */
export async function searchSaved(
  workspace: SavedWorkspace,
  words: string,
): Promise<{ matches: Match[]; truncated: boolean }> {
  const args = ["grep", "-I", "-i", "-n", "-z", "-F", `--max-count=${MAX_MATCHES + 1}`, "--threads=1"];
  const printed = await workspace
    .print([...args, "-e", words, workspace.tree, ...SHOWN], MAX_FOUND_BYTES)
    .catch((error: unknown) => {
      // It found nothing.
      if ((error as { code?: unknown }).code === 1) return { out: Buffer.alloc(0), whole: true };
      throw error;
    });
  const { out, whole } = printed;
  const matches: Match[] = [];
  // Each is `tree:path NUL number NUL line newline`.
  for (let at = 0; at < out.length;) {
    const path = out.indexOf(0, at);
    const number = path < 0 ? -1 : out.indexOf(0, path + 1);
    const end = number < 0 ? -1 : out.indexOf(0x0a, number + 1);
    if (end < 0) break;
    if (matches.length === MAX_MATCHES) return { matches, truncated: true };
    matches.push({
      path: out.toString("utf8", at + workspace.tree.length + 1, path),
      line: Number(out.toString("latin1", path + 1, number)),
      text: cutAround(out.toString("utf8", number + 1, end).replace(/\r$/, ""), words),
    });
    at = end + 1;
  }
  return { matches, truncated: !whole };
}

const CHANGES: Record<string, Comparison["files"][number]["change"]> = { A: "added", D: "deleted" };

/** What a saved workspace has in place of an earlier one. @param from git's name of that; null for an empty one */
export async function compareSaved(
  workspace: SavedWorkspace,
  from: string | null,
): Promise<Pick<Comparison, "files" | "patch" | "truncated">> {
  const trees = [from ?? EMPTY_TREE, workspace.tree];
  const plain = ["diff-tree", "-r", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"];
  const names = await workspace.print(
    [...plain, "-z", "--name-status", ...trees, ...SHOWN],
    MAX_COMPARED_BYTES,
  );
  // A letter and a path in turns, each with a NUL behind it: a path that was cut has none.
  const parts = names.out.toString("utf8").split("\0");
  const files: Comparison["files"] = [];
  for (let at = 0; at + 2 < parts.length && files.length < MAX_COMPARED_FILES; at += 2)
    files.push({ path: parts[at + 1] ?? "", change: CHANGES[parts[at] ?? ""] ?? "changed" });
  const hasMore = (parts.length - 1) / 2 > files.length;
  const { out, whole } = await workspace.print([...plain, "-p", ...trees, ...SHOWN], MAX_COMPARED_BYTES);
  const text = out.toString("utf8");
  // Only whole files, where it was cut.
  const end = whole ? text.length : Math.max(0, text.lastIndexOf("\ndiff --git ") + 1);
  return { files, patch: text.slice(0, end), truncated: !whole || !names.whole || hasMore };
}
