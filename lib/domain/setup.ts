/** Set-up: a script that prepares new sandboxes, and the snapshot that is kept of what it made. Pure. */

import { folded, type GitKind } from "./git.ts";

/** What a script prepares: the project, or one repository beside it. */
export const PROJECT_SCOPE = "project";

/** The scope of a repository: its connection's slug, in which there is no slash, and its path. */
export const repositoryScope = (connection: { slug: string; kind: GitKind }, repository: string): string =>
  `${connection.slug}/${folded(repository, connection.kind)}`;

/** The repository that a scope means; null for the project's. */
export function repositoryOfScope(scope: string): { connection: string; repository: string } | null {
  const [, connection, repository] = /^([^/]+)\/(.+)$/.exec(scope) ?? [];
  return connection === undefined || repository === undefined ? null : { connection, repository };
}

/** A lockfile's path in the workspace: a script names those of its own folder. */
export const lockfilePath = (folder: string | null, path: string): string =>
  folder === null ? path : `${folder}/${path}`;

/** Why a snapshot is built. */
export const BUILD_CAUSES = ["changed", "manual", "schedule", "stale", "broken", "policy"] as const;
export type BuildCause = (typeof BUILD_CAUSES)[number];

/** How a build stands. */
export const BUILD_STATUSES = ["running", "ready", "failed"] as const;

export const MAX_SETUP_SCRIPT_BYTES = 20_000;
export const DEFAULT_SETUP_SECONDS = 600;
/** Characters of a run's output that are shown: its beginning, and of a longer one its end, too. */
export const MAX_SETUP_OUTPUT_CHARS = 48_000;
export const SETUP_OUTPUT_END_CHARS = 8_000;
/** Lines of a script's list of lockfiles, and of needed variables. */
export const MAX_SETUP_LOCKFILES = 10;
export const MAX_SETUP_VARIABLES = 32;

/** A lockfile as it was when a snapshot was built: before the script ran, and after it; null where there was none. */
export interface LockfileHash {
  path: string;
  before: string | null;
  after: string | null;
}

/**
 * Which of a snapshot's lockfiles have changed since. A script may write one itself, so that both what it began with and
 * what it left behind count as unchanged.
 */
export const changedLockfiles = (
  known: readonly LockfileHash[],
  now: ReadonlyMap<string, string | null>,
): string[] =>
  known
    .filter(({ path, before, after }) => {
      const hash = now.get(path) ?? null;
      return hash !== before && hash !== after;
    })
    .map(({ path }) => path);

/** The sentence for variables that a script needs and an organization does not have; undefined where it has all. */
export const missingVariables = (missing: readonly string[]): string | undefined =>
  missing.length === 0
    ? undefined
    : `Set-up needs ${missing.join(", ")}, which ${missing.length === 1 ? "isn't" : "aren't"} set. Add ${missing.length === 1 ? "it" : "them"} in Settings › Variables.`;
