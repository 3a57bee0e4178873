import type { SessionStatus, WaitCause } from "./lifecycle.ts";
import { keyRefused } from "./session-view.ts";

/** Why nothing happens, and what ends that, in words for a person. */
export interface Standing {
  cause: string;
  next: string;
}

/** Where a session stands: at a cause of a wait, in a state, or at a cause that means something else there. */
export type StandingKind = WaitCause | SessionStatus | "key-refused" | "sandbox-lost";

/** The deadline of the state ends every wait, if nothing else does. */
const STANDINGS: Record<StandingKind, Standing> = {
  sandbox: { cause: "The sandbox is being made", next: "Nothing to do; the steps are in the transcript" },
  "agent-start": { cause: "The agent is starting", next: "Nothing to do; it takes a few seconds" },
  "project-pull": { cause: "The project is being copied in", next: "Nothing to do; it takes a few seconds" },
  provider: { cause: "The provider did not take the last request", next: "The agent tries again by itself" },
  approval: {
    cause: "The agent asks before it goes on",
    next: "Answer the question, or it is denied in time",
  },
  budget: { cause: "The session is at its cap", next: "Raise the cap, or stop the run" },
  credits: { cause: "The credits are used up", next: "Buy credits in Billing, or add a key in Providers" },
  mcp: {
    cause: "An MCP server is starting",
    next: "Nothing to do; the agent goes on without one that fails",
  },
  "key-refused": {
    cause: "The key was refused",
    next: "Replace the key in Providers, or let the next payer go on",
  },
  "sandbox-lost": {
    cause: "The sandbox cannot be reached",
    next: "Nothing to do; the run goes on when it can be, or ends within half a minute",
  },
  provisioning: {
    cause: "The sandbox is being made",
    next: "Nothing to do; the steps are in the transcript",
  },
  ready: { cause: "Nothing was asked yet", next: "Send the first message" },
  active: { cause: "The agent is working", next: "Nothing to do; a message waits its turn" },
  idle: { cause: "The last turn has ended", next: "Send a message, or let the session stop by itself" },
  stopped: { cause: "The session has ended", next: "Start a new session" },
  error: { cause: "The session failed", next: "Start a new session" },
};

interface Waiting {
  status: SessionStatus;
  waitingFor: WaitCause | null;
  waitDetail?: { status: number; message: string } | null | undefined;
}

export function standingKind(session: Waiting): StandingKind {
  const { status, waitingFor } = session;
  if (!waitingFor) return status;
  if (keyRefused(session)) return "key-refused";
  return waitingFor === "sandbox" && status === "active" ? "sandbox-lost" : waitingFor;
}

/**
 * What a session waits for, and what ends that; of one that waits for nothing, where it stands.
 * @param words of each kind; in English if left out
 */
export function standingOf(session: Waiting, words: Record<StandingKind, Standing> = STANDINGS): Standing {
  const { cause, next } = words[standingKind(session)];
  // A provider's own sentence says more.
  return { cause: (session.waitingFor === "provider" && session.waitDetail?.message) || cause, next };
}
