"use client";

import { clock } from "#client/format.ts";
import { useNow } from "#client/use-now.ts";
import { useOpened, useSessionState } from "./session-context.tsx";

/** When the session stops by itself. */
export function IdleCountdown() {
  const now = useNow(1000);
  const { session } = useOpened();
  const { keptAt, lastEventAt } = useSessionState();
  if (now === null) return null;
  const usedAt = Math.max(session.lastActivityAt, keptAt, lastEventAt ? Date.parse(lastEventAt) : 0);
  return (
    <span
      className="text-small whitespace-nowrap text-ink-3 max-md:hidden"
      title="Typing or sending resets this timer"
    >
      Stops in <span className="fact">{clock(Math.max(0, usedAt + session.idleTimeoutMs - now))}</span>
    </span>
  );
}
