"use client";

import { useLiveSessions } from "#client/live.tsx";
import { plural } from "#domain/plural.ts";
import { Count } from "../ui/chip.tsx";

const LOOKED_AT = 50;
const WAITING = { group: "waiting" } as const;
const NOTHING = { sessions: [], hasMore: false };

/** How many of the newest sessions wait for a person, as they change; nothing where none does. */
export function WaitingCount() {
  const { sessions } = useLiveSessions(NOTHING, LOOKED_AT, WAITING);
  if (sessions.length === 0) return null;
  return (
    <Count urgent className="absolute -top-[3px] -right-[3px] ml-0 max-sm:top-1 max-sm:right-2">
      {sessions.length}
      <span className="sr-only"> {plural(sessions.length, "is", "are")} waiting for you</span>
    </Count>
  );
}
