"use client";

import { useAction } from "#client/action.ts";
import { keepSession } from "#client/api.ts";
import { clock } from "#client/format.ts";
import { useNow } from "#client/use-now.ts";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { useOpened, useSessionState } from "./session-context.tsx";

/** It is shown in the last of its time alone. */
const SHOWN_MS = 2 * 60_000;

/** When the session stops by itself, shortly before it does, and how to keep it. @param className of its frame */
export function IdleCountdown({ className = "" }: { className?: string }) {
  const now = useNow(1000);
  const { session, disabledReason } = useOpened();
  const { keptAt, lastEventAt, kept } = useSessionState();
  const keep = useAction(async () => {
    await keepSession(session.id);
    kept();
  }, "Couldn't keep the session");
  if (now === null) return null;
  const usedAt = Math.max(session.lastActivityAt, keptAt, lastEventAt ? Date.parse(lastEventAt) : 0);
  const left = Math.max(0, usedAt + session.idleTimeoutMs - now);
  if (left > SHOWN_MS) return null;
  return (
    <span
      className={cn("flex items-center gap-2 text-small whitespace-nowrap text-ink-2", className)}
      title="Typing or sending resets this timer"
    >
      <span>
        Stops in <span className="fact">{clock(left)}</span>
      </span>
      {disabledReason.drive === undefined && (
        <Button size="sm" action={keep} busy="Keeping">
          Keep it running
        </Button>
      )}
    </span>
  );
}
