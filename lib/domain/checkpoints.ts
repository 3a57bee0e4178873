/** Checkpoints: verified copies of a session's workspace, and of its agent's conversations, outside of its sandbox. */

/**
 * Why one was taken: the session's files were there and no turn had begun, a turn ended, a person or the idle timer stops the session, a person asked, somebody works by hand,
 * or the session is being rewound (before, so that it can be undone, and after).
 */
export const CHECKPOINT_CAUSES = ["start", "turn", "stop", "idle", "asked", "work", "rewind"] as const;
export type CheckpointCause = (typeof CHECKPOINT_CAUSES)[number];

/** Only what is verified can be returned to. */
export const CHECKPOINT_STATUSES = ["arriving", "verified", "removing"] as const;

/** Why a file is not in a checkpoint. */
export const LEFT_OUT_REASONS = ["large", "total", "many", "special", "unreadable"] as const;

/**
 * Names that checkpoints leave out, in whatever folder, where the organization has set no others: what can be made again.
 */
export const NOT_SAVED: readonly string[] = [
  "node_modules",
  ".pnpm-store",
  ".venv",
  "__pycache__",
  ".pytest_cache",
  ".mypy_cache",
  ".ruff_cache",
  ".cache",
  ".turbo",
  ".parcel-cache",
];

/** A name of a file or folder that can be left out. Git's own folder never is: it holds work that was not pushed. */
export const SKIPPED_NAME = /^(?!\.{1,2}$|\.git$)[^/\0\r\n]+$/;
/** How many names, and characters of each. */
export const MAX_SKIPPED_NAMES = 50;
export const MAX_SKIPPED_CHARS = 100;

export const CHECKPOINT_LIMITS = {
  /** One file. */
  maxFileBytes: 100_000_000,
  /** All files of a workspace. */
  maxBytes: 1_000_000_000,
  maxFiles: 200_000,
  /** What leaves a sandbox at once. */
  maxPackBytes: 1_000_000_000,
  /** What an organization's checkpoints may take up together at most; it can set less. */
  maxOrganizationBytes: 50_000_000_000,
  /** How many lean on each other, before one is whole again. */
  chain: 32,
  /** Files that a checkpoint names as left out. */
  leftOut: 20,
} as const;

export const CHECKPOINT_TIMES = {
  /** How long one may take before another server may take it up. */
  claimMs: 120_000,
  /** How often a server that takes one says that it is alive. */
  aliveMs: 5_000,
  /** After so long without that, another server may take it up. */
  silentMs: 15_000,
  /** How long somebody works by hand before it is saved. */
  workMs: 120_000,
  /** A failure is tried again after so long, then after twice that, and so on. */
  againMs: 5_000,
  longestAgainMs: 120_000,
  /** How long a stop waits for its checkpoint. */
  stopMs: 30_000,
} as const;

/**
 * Until when a checkpoint that is being taken belongs to its server. Where that one doesn't say that it is alive, as those
 * of an earlier release, the whole time counts.
 */
export const claimEndsAt = ({
  startedAt,
  aliveAt,
}: {
  startedAt: number;
  aliveAt?: number | undefined;
}): number =>
  Math.min(
    startedAt + CHECKPOINT_TIMES.claimMs,
    aliveAt === undefined ? Infinity : aliveAt + CHECKPOINT_TIMES.silentMs,
  );

/** When a checkpoint that failed so often, one time after another, is tried again, in milliseconds. */
export const againAfterMs = (failures: number): number =>
  Math.min(CHECKPOINT_TIMES.longestAgainMs, CHECKPOINT_TIMES.againMs * 2 ** Math.max(0, failures - 1));
