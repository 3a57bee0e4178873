"use client";

import { clock } from "#client/format.ts";
import { useNow } from "#client/use-now.ts";

/**
 * How long a card still waits.
 * @param at epoch milliseconds
 * @param what becomes of it then: `Auto-denies`
 */
export function Expiry({ at, what }: { at: number; what: string }) {
  const now = useNow(1000);
  return (
    <>
      {what}{" "}
      {now === null ? (
        "without an answer"
      ) : at > now ? (
        <>
          in <span className="fact">{clock(at - now)}</span>
        </>
      ) : (
        "any moment"
      )}
    </>
  );
}
