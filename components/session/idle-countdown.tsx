"use client";

import { clock } from "../../lib/client/format.ts";
import { useNow } from "../../lib/client/use-now.ts";

/** When the session stops by itself. @param from when it was last used, epoch milliseconds */
export function IdleCountdown({ from, idleTimeoutMs }: { from: number; idleTimeoutMs: number }) {
  const now = useNow(1000);
  if (now === null) return null;
  return (
    <span
      className="text-small whitespace-nowrap text-ink-3 max-md:hidden"
      title="Typing or sending resets this timer"
    >
      Stops in <span className="fact">{clock(Math.max(0, from + idleTimeoutMs - now))}</span>
    </span>
  );
}
