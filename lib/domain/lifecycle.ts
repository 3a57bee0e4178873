/** The states of a session, and where each may go. */
export const STATUSES = ["provisioning", "ready", "active", "idle", "stopped", "error"] as const;
export type SessionStatus = (typeof STATUSES)[number];

const MOVES = {
  provisioning: ["ready", "error", "stopped"],
  ready: ["active", "idle", "stopped", "error"],
  active: ["idle", "stopped", "error"],
  idle: ["active", "stopped", "error"],
  stopped: ["provisioning"],
  error: ["stopped", "provisioning"],
} satisfies Record<SessionStatus, readonly SessionStatus[]>;

/** True where a session may go from `from` to `to`. */
export function canMove(from: SessionStatus, to: SessionStatus): boolean {
  return (MOVES[from] as readonly SessionStatus[]).includes(to);
}

/** The states in which a session holds a sandbox or is about to. */
export const LIVE_STATUSES = ["provisioning", "ready", "active", "idle"] as const satisfies SessionStatus[];

/** True while the session holds a sandbox or is about to. */
export function isLive(status: SessionStatus): boolean {
  return status !== "stopped" && status !== "error";
}

/** Why a session waits, one cause at a time. */
export const WAIT_CAUSES = [
  "capacity",
  "sandbox",
  "agent-start",
  "project-pull",
  "setup",
  "provider",
  "approval",
  "budget",
  "credits",
  "limit",
  "mcp",
  "rewind",
] as const;
export type WaitCause = (typeof WAIT_CAUSES)[number];

const FOR_PEOPLE: ReadonlySet<WaitCause> = new Set(["approval", "budget", "credits", "limit"]);

/** Whether only a person ends a wait, as a rule. */
export const isForPeople = (cause: WaitCause | null): boolean => cause !== null && FOR_PEOPLE.has(cause);

export const RUN_STATUSES = ["pending", "running", "completed", "failed", "cancelled"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Every wait's end, in milliseconds. */
export const DEADLINES = {
  provisioningMs: 120_000,
  /** How long a session may wait for room before it is created. */
  queueMs: 10 * 60_000,
  runMs: 30 * 60_000,
  approvalMs: 10 * 60_000,
  idleMs: 15 * 60_000,
  sandboxGraceMs: 5 * 60_000,
  leaseMs: 15_000,
  /** How long the agent has to end a run that a person stops, before its processes are ended. */
  cancelMs: 10_000,
} as const;

/** How many messages may wait behind the running one. */
export const MAX_QUEUED_RUNS = 10;

/** A session's title until its first message gives it one. */
export const UNTITLED = "New session";

/** A line without Markdown's marks of code and of stress. */
const plainLine = (line: string): string => line.replaceAll(/`+|\*\*/g, "").trim();

/** The title that a first message gives: its first line of words, cut at a word. */
export function titleOf(message: string): string {
  const lines = message.split("\n").filter((line) => !line.trimStart().startsWith("```"));
  const line = lines.map(plainLine).find((text) => /\p{L}|\p{N}/u.test(text)) ?? "";
  if (line.length <= 80) return line || UNTITLED;
  return `${line.slice(0, 80).replace(/\s+\S*$/, "")}…`;
}

/** What OpenCode calls a session that has no title yet (1.18.33). */
const UNNAMED = /^(?:New|Child) session\b/i;
const beginning = (title: string): string => title.replace(/…$/, "").toLowerCase();

/**
 * The title that the agent has found, where it is better than what the first message gave.
 * @param title the session's at the moment: one that a person chose stays
 * @param message the first one
 * @returns null where the title stays
 */
export function betterTitle(title: string, message: string, found: string): string | null {
  const next = titleOf(found);
  if (title !== titleOf(message) || next === UNTITLED || UNNAMED.test(next)) return null;
  // The same words once more say no more.
  const [known, other] = [beginning(title), beginning(next)];
  return known.startsWith(other) || other.startsWith(known) ? null : next;
}

/** How often a run's agent is restarted after it ended by itself, before the run is given up. */
export const MAX_RESTARTS = 2;

/** How many calls of a run, one after another, may bring it no further, before the run ends with what they came to. */
export const MAX_FRUITLESS_CALLS = 3;

/** What the agent is told where it was restarted in the middle of a run; its own history says what it did before. */
export const RESUME_MESSAGE =
  "Continue where you stopped. Your process was restarted; what you did before is done, so don't do it again.";

/** When a session's present state ends by itself, as epoch milliseconds; undefined where it does not. */
export function deadlineOf(
  status: SessionStatus,
  now: number,
  idleTimeoutMs: number = DEADLINES.idleMs,
): number | undefined {
  switch (status) {
    case "provisioning":
      return now + DEADLINES.provisioningMs;
    case "ready":
    case "idle":
      return now + idleTimeoutMs;
    case "active":
      return now + DEADLINES.runMs;
    case "stopped":
    case "error":
      return undefined;
  }
}

export type ProvisionStepId =
  | "resolve-key"
  | "record"
  | "sandbox-key"
  | "sandbox"
  | "restore"
  | "files"
  | "tools"
  | "project-pull"
  | "clone"
  | "agent-server"
  | "agent-session"
  | "setup"
  | "ready";

/** The steps of a session's creation, in the order in which they are shown; optional ones only where they are taken. */
export const PROVISION_STEPS: readonly { id: ProvisionStepId; label: string; optional?: true }[] = [
  { id: "resolve-key", label: "Choose who pays" },
  { id: "record", label: "Save the session" },
  { id: "sandbox-key", label: "Create the sandbox's keys" },
  { id: "sandbox", label: "Start the sandbox" },
  { id: "restore", label: "Restore your work", optional: true },
  { id: "files", label: "Set up the workspace" },
  { id: "tools", label: "Check the tools" },
  { id: "project-pull", label: "Pull the project" },
  { id: "clone", label: "Clone the repository", optional: true },
  { id: "agent-server", label: "Start the agent server" },
  { id: "agent-session", label: "Connect to the agent" },
  { id: "setup", label: "Run set-up", optional: true },
  { id: "ready", label: "Ready" },
];
