"use client";

import { clock } from "#client/format.ts";
import { useNow } from "#client/use-now.ts";

/**
 * How long a card still waits.
 * @param at epoch milliseconds
 * @param what becomes of it then: `Auto-denies`; where its session is parked instead, that is said
 */
export function Expiry({
  at,
  what,
  onExpiry = "deny",
}: {
  at: number;
  what: string;
  onExpiry?: "deny" | "park" | undefined;
}) {
  const now = useNow(1000);
  const becomes = onExpiry === "park" ? "Parks" : what;
  if (now === null) return <>{onExpiry === "park" ? "Waits for an answer" : `${what} without an answer`}</>;
  if (at > now)
    return (
      <>
        {becomes} in <span className="fact">{clock(at - now)}</span>
      </>
    );
  return <>{onExpiry === "park" ? "Waits until someone answers" : `${what} any moment`}</>;
}
