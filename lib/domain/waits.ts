import type { SessionStatus, WaitCause } from "./lifecycle.ts";
import { keyRefused } from "./session-view.ts";

/** Why nothing happens, and what ends that, in words for a person. */
export interface Standing {
  cause: string;
  next: string;
}

/** Each cause of a wait. The deadline of the state ends every one of them, if nothing else does. */
const CAUSES: Record<WaitCause, Standing> = {
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
};

const STATES: Record<SessionStatus, Standing> = {
  provisioning: CAUSES.sandbox,
  ready: { cause: "Nothing was asked yet", next: "Send the first message" },
  active: { cause: "The agent is working", next: "Nothing to do; a message waits its turn" },
  idle: { cause: "The last turn has ended", next: "Send a message, or let the session stop by itself" },
  stopped: { cause: "The session has ended", next: "Start a new session" },
  error: { cause: "The session failed", next: "Start a new session" },
};

/** What a session waits for, and what ends that; of one that waits for nothing, where it stands. */
export function standingOf(session: {
  status: SessionStatus;
  waitingFor: WaitCause | null;
  waitDetail?: { status: number; message: string } | null | undefined;
}): Standing {
  const { status, waitingFor, waitDetail } = session;
  if (!waitingFor) return STATES[status];
  if (keyRefused(session))
    return {
      cause: waitDetail?.message ?? "The key was refused",
      next: "Replace the key in Providers, or let the next payer go on",
    };
  if (waitingFor === "provider" && waitDetail)
    return { cause: waitDetail.message, next: CAUSES.provider.next };
  if (waitingFor === "sandbox" && status === "active")
    return {
      cause: "The sandbox cannot be reached",
      next: "Nothing to do; the run goes on when it can be, or ends within half a minute",
    };
  return CAUSES[waitingFor];
}
