import fs from "node:fs";
import path from "node:path";

/**
 * Whether a uid without privileges or groups can reach a path: every folder above it can be entered, and it
 * can be read. A sandbox of a root host is built under a uid of its own, to which a repository below /root,
 * say, is closed.
 */
export function isReachable(file: string, uid: number): boolean {
  const parts = file.split(path.sep).filter(Boolean);
  const above = parts.slice(0, -1).map((_, i) => path.sep + parts.slice(0, i + 1).join(path.sep));
  if (!above.every((folder) => (fs.statSync(folder).mode & 0o001) !== 0)) return false;
  const stats = fs.statSync(file);
  return stats.uid === uid || (stats.mode & 0o004) !== 0;
}

/** A shell quoting that nothing breaks out of. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * Where root shows its sandboxes the paths that their uid cannot reach: a tmpfs over /sys, in a mount
 * namespace that this one sandbox's builder has for itself. No sandbox gets anything from /sys.
 */
const STAGE = "/sys";

export interface Staging {
  /** Shell lines to run as root, in a private mount namespace, before the uid is dropped. */
  script: string[];
  /** The path under which bubblewrap then finds a source. */
  pathOf: (source: string) => string;
}

/** Plans the detour for those of `sources` that `uid` cannot reach. An empty script means none. */
export function planStaging(sources: readonly string[], uid: number): Staging {
  const closed = [...new Set(sources)].filter((source) => !isReachable(source, uid));
  if (closed.length === 0) return { script: [], pathOf: (source) => source };
  const staged = new Map(closed.map((source, i) => [source, `${STAGE}/${i}`]));
  const script = [`mount -t tmpfs -o mode=0755,size=64k sandbox-stage ${STAGE}`];
  for (const [source, target] of staged) {
    const make = fs.statSync(source).isDirectory() ? "mkdir" : "touch";
    script.push(`${make} ${target}`, `mount --rbind ${quote(source)} ${target}`);
  }
  return { script, pathOf: (source) => staged.get(source) ?? source };
}
