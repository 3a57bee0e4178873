import type { Environment } from "./catalog.ts";
import { isForPeople, isLive } from "./lifecycle.ts";
import type { Session } from "./session.ts";

/** How a list groups sessions by their state. */
export const SESSION_GROUPS = ["waiting", "active", "idle", "stopped", "error"] as const;
export type SessionGroup = (typeof SESSION_GROUPS)[number];

export interface SessionFilter {
  group?: SessionGroup | undefined;
  environment?: Environment | undefined;
  /** Only those that live. */
  live?: boolean | undefined;
  /** Only those that were started with this agent. */
  agentId?: string | undefined;
  /** Only the reader's own. */
  mine?: boolean | undefined;
  /** Words of the title, or of what was asked and answered; the last may be the beginning of one. */
  text?: string | undefined;
  /** Those that were put away; else the others. */
  archived?: boolean | undefined;
}

/** The group of a session: one that only a person can bring on is `waiting`. */
export function groupOf(session: Pick<Session, "status" | "waitingFor">): SessionGroup {
  switch (session.status) {
    case "active":
      return isForPeople(session.waitingFor) ? "waiting" : "active";
    case "provisioning":
      return "active";
    case "ready":
      return "idle";
    default:
      return session.status;
  }
}

/** Whether a list with this filter shows the session; what `text` finds is the search's to say. @param userId whose own ones `mine` means */
export function matchesFilter(
  session: Pick<Session, "status" | "waitingFor" | "environment" | "userId"> & {
    archivedAt?: number | null;
    agentId?: string | null;
    deletedAt?: number;
  },
  filter: SessionFilter,
  userId: string,
): boolean {
  return (
    session.deletedAt === undefined &&
    (filter.live !== true || isLive(session.status)) &&
    ((session.archivedAt ?? null) !== null) === (filter.archived ?? false) &&
    (filter.group === undefined || groupOf(session) === filter.group) &&
    (filter.agentId === undefined || session.agentId === filter.agentId) &&
    (filter.environment === undefined || session.environment === filter.environment) &&
    (filter.mine !== true || session.userId === userId)
  );
}
