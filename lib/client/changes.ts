import type { Diff } from "#domain/events.ts";
import type { SessionView, ToolItem } from "#domain/session-view.ts";

/** What has happened to one file, oldest first. Changes that follow on from each other are one. */
export interface FileChanges {
  path: string;
  diffs: readonly Diff[];
  /** True where the first change made the file. */
  added: boolean;
}

/** What one turn did, or a person between two turns. */
export interface TurnChanges {
  key: string;
  title: string;
  files: readonly FileChanges[];
}

export interface Changes {
  files: readonly FileChanges[];
  turns: readonly TurnChanges[];
}

const ROOT = "/workspace/";

/** A path as seen from the workspace. */
const fromRoot = (path: string) => (path.startsWith(ROOT) ? path.slice(ROOT.length) : path);

/** Puts each file's changes together: one that begins with the text that the last ended with goes on with it. */
function byFile(diffs: readonly Diff[]): FileChanges[] {
  const files = new Map<string, Diff[]>();
  for (const diff of diffs) {
    const path = fromRoot(diff.path);
    const known = files.get(path) ?? [];
    const last = known.at(-1);
    if (last && last.new_text === diff.old_text)
      known[known.length - 1] = { ...last, new_text: diff.new_text };
    else known.push({ ...diff, path });
    files.set(path, known);
  }
  return [...files].flatMap(([path, all]) => {
    const left = all.filter((diff) => diff.old_text !== diff.new_text);
    return left.length === 0 ? [] : [{ path, diffs: left, added: left[0]?.old_text === null }];
  });
}

/** What a call changes, file by file. */
export function diffsOf({ diff, diffs }: Pick<ToolItem, "diff" | "diffs">): readonly Diff[] {
  return diffs ?? (diff ? [diff] : []);
}

/** Every change of a session that is known by its text, by file and by turn. */
export function changesOf(view: Pick<SessionView, "items" | "runs">): Changes {
  const all: { diff: Diff; key: string; title: string }[] = [];
  for (const item of view.items) {
    if (item.kind === "tool" && item.state === "completed" && item.diff) {
      const turn = view.runs.findIndex((run) => run.id === item.runId);
      const title = turn < 0 ? "Outside a turn" : `Turn ${turn + 1}: ${view.runs[turn]?.input ?? ""}`;
      for (const diff of diffsOf(item)) all.push({ diff, key: item.runId ?? "none", title });
    } else if (item.kind === "notice" && item.diff) {
      all.push({ diff: item.diff, key: item.id, title: item.title });
    }
  }
  const turns = new Map<string, { title: string; diffs: Diff[] }>();
  for (const { diff, key, title } of all) {
    const turn = turns.get(key);
    if (turn) turn.diffs.push(diff);
    else turns.set(key, { title, diffs: [diff] });
  }
  return {
    files: byFile(all.map(({ diff }) => diff)),
    turns: [...turns].map(([key, { title, diffs }]) => ({ key, title, files: byFile(diffs) })),
  };
}

/** Counts what may have changed files: a page that shows them reads them again when it grows. */
export function revisionOf(view: Pick<SessionView, "items">): number {
  return view.items.filter(
    (item) =>
      item.id.startsWith("file:") ||
      (item.kind === "tool" &&
        item.toolKind !== "read" &&
        (item.state === "completed" || item.state === "failed" || item.state === "stopped")),
  ).length;
}
