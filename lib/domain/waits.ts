import type { SessionStatus, WaitCause } from "./lifecycle.ts";
import { keyRefused } from "./session-view.ts";

/** Why nothing happens, and what ends that, in words for a person. */
interface StatusLabel {
  cause: string;
  next: string;
}

/** Where a session stands: at a cause of a wait, in a state, or at a cause that means something else there. */
type StatusKind = WaitCause | SessionStatus | "key-refused" | "sandbox-lost" | "parked";

/** The deadline of the state ends every wait, if nothing else does. */
const STATUS_LABELS: Record<StatusKind, StatusLabel> = {
  capacity: {
    cause: "Waiting for a free sandbox",
    next: "No action needed; it starts once another session ends. Stopping one makes room",
  },
  sandbox: { cause: "Creating the sandbox", next: "No action needed; the steps are in the transcript" },
  "agent-start": { cause: "The agent is starting", next: "No action needed; this takes a few seconds" },
  "project-pull": { cause: "Copying the project", next: "No action needed; this takes a few seconds" },
  setup: { cause: "Set-up is running", next: "No action needed; its output is in the transcript" },
  provider: { cause: "The provider rejected the last request", next: "The agent retries automatically" },
  approval: {
    cause: "The agent is waiting for your answer",
    next: "Answer it in the transcript or under Approvals",
  },
  parked: {
    cause: "Parked until someone answers",
    next: "Answer it, or send a message: the session goes on from what was saved",
  },
  budget: { cause: "Spending cap reached", next: "Raise the cap or stop the run" },
  credits: { cause: "Out of credits", next: "Add a key in Providers, or ask for more credits" },
  limit: {
    cause: "Monthly limit reached",
    next: "An admin can raise the limit. Otherwise the run goes on when the next month begins (UTC), if it has not ended by then",
  },
  mcp: {
    cause: "Waiting for an MCP server",
    next: "No action needed; the agent continues without an answer after five minutes. An admin can test the server under Settings, MCP servers",
  },
  rewind: {
    cause: "Going back to an earlier turn",
    next: "No action needed; what is there now is saved first",
  },
  "key-refused": {
    cause: "The provider rejected the key",
    next: "Replace the key in Providers, or continue with another payer",
  },
  "sandbox-lost": {
    cause: "The sandbox can't be reached",
    next: "No action needed; the run continues once it can, or ends within 30 seconds",
  },
  provisioning: { cause: "Creating the sandbox", next: "No action needed; the steps are in the transcript" },
  ready: { cause: "No messages yet", next: "Send the first message" },
  active: { cause: "The agent is working", next: "No action needed; new messages wait in the queue" },
  idle: { cause: "The last turn has ended", next: "Send a message, or let the session stop when idle" },
  stopped: { cause: "The session has ended", next: "Continue it, or start a new session" },
  error: { cause: "The session failed", next: "Continue it, or start a new session" },
};

/** The cause of a wait for one MCP server. */
export const mcpWait = (name: string): string => `Waiting for the MCP server “${name}”`;

interface Waiting {
  status: SessionStatus;
  waitingFor: WaitCause | null;
  waitDetail?: { status: number; message: string } | null | undefined;
  queuePlace?: number | null | undefined;
}

/** Waits whose detail says what exactly they are for. */
const HAS_OWN: ReadonlySet<WaitCause | null> = new Set(["provider", "mcp", "limit"]);

function statusKind(session: Waiting): StatusKind {
  const { status, waitingFor } = session;
  if (!waitingFor) return status;
  if (keyRefused(session)) return "key-refused";
  if (waitingFor === "approval" && status === "stopped") return "parked";
  return waitingFor === "sandbox" && status === "active" ? "sandbox-lost" : waitingFor;
}

/** What a session waits for, and what ends that; of one that waits for nothing, where it stands. */
export function statusLabelOf(session: Waiting): StatusLabel {
  const { cause, next } = STATUS_LABELS[statusKind(session)];
  if (session.waitingFor === "capacity" && session.queuePlace)
    return { cause: `${cause} (place ${session.queuePlace} in the queue)`, next };
  // A provider's own sentence, and which server or limit it is, say more.
  const hasOwn = HAS_OWN.has(session.waitingFor);
  return { cause: (hasOwn && session.waitDetail?.message) || cause, next };
}
