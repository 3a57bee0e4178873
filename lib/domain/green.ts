/** "Keep going until green": the agent is given what checks and reviewers found, again and again, within bounds. Pure. */

/**
 * What a pursuit does: it looks at the host; its agent works; or what that changed is committed and pushed.
 */
export const GREEN_PHASES = ["looking", "working", "leaving"] as const;
export type GreenPhase = (typeof GREEN_PHASES)[number];

/** Why a pursuit ended. */
export const GREEN_ENDS = [
  "green",
  "merged",
  "closed",
  "attempts",
  "cost",
  "no_change",
  "slow",
  "stopped",
  "run_failed",
  "run_stopped",
  "push_failed",
  "host_failed",
  "session_ended",
  "person_left",
] as const;
export type GreenEnd = (typeof GREEN_ENDS)[number];

/** What each of them says to people. */
export const GREEN_END_WORDS: Record<GreenEnd, string> = {
  green: "Everything passed.",
  merged: "The pull request was merged.",
  closed: "The pull request was closed.",
  attempts: "It's still not green after all the attempts that were allowed.",
  cost: "The cost limit was reached.",
  no_change: "Two attempts in a row changed nothing.",
  slow: "The checks took too long.",
  stopped: "Someone stopped it.",
  run_failed: "The agent's run failed.",
  run_stopped: "The agent's run was stopped.",
  push_failed: "The changes couldn't be committed or pushed.",
  host_failed: "The git host couldn't be asked.",
  session_ended: "The session ended.",
  person_left: "The person who started it may no longer work in this session.",
};

export const GREEN_LIMITS = {
  maxAttempts: 20,
  /** Attempts in a row that may change nothing. */
  maxFruitless: 2,
  defaultAttempts: 3,
  /** Micro-USD. */
  defaultCostMicroUsd: 2_000_000,
} as const;

export const GREEN_TIMES = {
  /** How long a claim holds without being renewed. */
  claimMs: 60_000,
  /** How often checks that run are looked at; a webhook of the host's shortens it. */
  lookMs: 30_000,
  /** While another run is at work in the session. */
  busyMs: 5_000,
  /** How long a host may take to begin with checks of a new commit, before none count as passed. */
  settleMs: 90_000,
  /** How long a host may fail, and checks may run. */
  failMs: 15 * 60_000,
  slowMs: 3 * 3_600_000,
} as const;

/** What the host says of a pull request. */
export interface GreenSeen {
  state: "draft" | "open" | "merged" | "closed";
  checks: "none" | "pending" | "passed" | "failed";
  /** Whether any check still runs, also where another one has failed. */
  running: boolean;
  /** The last commit that it knows; some hosts name it in short. */
  head: string;
  /** How many findings are still to be handed over. */
  findings: number;
}

/** What is done next after a look at the host: wait, hand over what was found, or end. */
export type GreenStep = "wait" | "attempt" | Extract<GreenEnd, "green" | "merged" | "closed" | "slow">;

/**
 * @param known `pushed`: the commit that Studio pushed last, if it did; `sinceMs`: how long it has looked since then
 * @param settleMs how long a host may take to begin with checks
 */
export function stepAfter(
  { state, checks, running, head, findings }: GreenSeen,
  { pushed, sinceMs }: { pushed: string | undefined; sinceMs: number },
  settleMs: number = GREEN_TIMES.settleMs,
): GreenStep {
  if (state === "merged" || state === "closed") return state;
  if (sinceMs > GREEN_TIMES.slowMs) return "slow";
  const settled = sinceMs >= settleMs;
  // Hosts take a while to see a push; what they say of the commit before it is old.
  const isOld = pushed !== undefined && head !== "" && !pushed.startsWith(head) && !head.startsWith(pushed);
  if ((isOld && !settled) || running) return "wait";
  if (findings > 0) return "attempt";
  if (checks === "none" && !settled) return "wait";
  return "green";
}

/** The commit of an attempt. */
export const greenCommitMessage = (attempt: number): string =>
  `Address failed checks and review comments (attempt ${attempt})`;
