"use client";

import { useLiveSessions } from "../../lib/client/live.tsx";
import { plural } from "../../lib/domain/plural.ts";

const LOOKED_AT = 50;
const WAITING = { group: "waiting" } as const;
const NOTHING = { sessions: [], hasMore: false };

/** How many of the newest sessions wait for a person, as they change; nothing where none does. */
export function WaitingCount() {
  const { sessions } = useLiveSessions(NOTHING, LOOKED_AT, WAITING);
  if (sessions.length === 0) return null;
  return (
    <span className="nav-count count count-wait">
      {sessions.length}
      <span className="sr"> {plural(sessions.length, "is", "are")} waiting for you</span>
    </span>
  );
}
