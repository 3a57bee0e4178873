"use client";

import { useLiveSessions } from "#client/live.tsx";
import { useWaitingCount } from "#client/live-approvals.ts";
import { plural } from "#domain/plural.ts";
import { Count } from "../ui/chip.tsx";

const LOOKED_AT = 50;
const WAITING = { group: "waiting" } as const;
const NOTHING = { sessions: [], hasMore: false };

function Badge({ count, hasMore = false, what }: { count: number; hasMore?: boolean; what: string }) {
  if (count === 0) return null;
  return (
    <Count urgent className="absolute -top-[3px] -right-[3px] ml-0 max-sm:top-1 max-sm:right-1">
      {count}
      {hasMore && "+"}
      <span className="sr-only">
        {" "}
        {plural(count, "is", "are")} {what}
      </span>
    </Count>
  );
}

/**
 * How many of the newest sessions wait for a person's money, as they change; nothing where none does. Those that wait
 * for an answer are counted with what they ask.
 */
export function WaitingSessions() {
  const { sessions } = useLiveSessions(NOTHING, LOOKED_AT, WAITING);
  const count = sessions.filter(({ waitingFor }) => waitingFor !== "approval").length;
  return <Badge count={count} what="waiting for you" />;
}

/** How many requests and questions wait for an answer, as they change; nothing where none does. */
export function WaitingRequests() {
  const waiting = useWaitingCount();
  return waiting ? <Badge {...waiting} what="waiting for an answer" /> : null;
}
