/** Rewinding: a session's files, its conversation, or both go back to the end of an earlier turn. */

export const REWIND_PARTS = ["conversation", "files", "both"] as const;
export type RewindPart = (typeof REWIND_PARTS)[number];

/** `asked`: nothing has happened yet; `applying`: what was there is saved, and is being replaced. */
export const REWIND_STATUSES = ["asked", "applying", "done", "failed"] as const;

export const REWIND_LIMITS = {
  /** Paths that one request can name. */
  maxPaths: 200,
  maxPathChars: 500,
  /** Pushes to the project that one request can take back with it. */
  maxPushes: 20,
  /** Changes that a preview lists. */
  maxListed: 200,
  /** Paths that an event or a refusal names. */
  maxNamed: 20,
} as const;

/** What happens to a file when the workspace goes back. */
export const REWIND_CHANGES = ["added", "changed", "deleted"] as const;

/** Whether what goes back includes the files, and the conversation. */
export const rewindsFiles = (what: RewindPart): boolean => what !== "conversation";
export const rewindsConversation = (what: RewindPart): boolean => what !== "files";

/** How closely one of some entries covers a path: the length of the longest that does, -1 where none does. */
function coverOf(path: string, entries: readonly string[]): number {
  const covering = entries.filter(
    (entry) => entry === path || entry === "/" || (entry.endsWith("/") && path.startsWith(entry)),
  );
  return Math.max(-1, ...covering.map(({ length }) => length));
}

/**
 * What becomes of a file that a person has changed by hand: `open` where nobody has said a word about it. The closer of
 * two entries counts.
 */
export function fateOf(
  path: string,
  { overwrite, keep }: { overwrite: readonly string[]; keep: readonly string[] },
): "overwritten" | "kept" | "open" {
  const [overwrites, keeps] = [coverOf(path, overwrite), coverOf(path, keep)];
  if (keeps < 0 && overwrites < 0) return "open";
  return keeps >= overwrites ? "kept" : "overwritten";
}
