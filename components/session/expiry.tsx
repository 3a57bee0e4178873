"use client";

import { clock } from "../../lib/client/format.ts";
import { useNow } from "../../lib/client/use-now.ts";
import { Rich } from "../ui/rich.tsx";

/** How long a card still waits. @param at epoch milliseconds */
export function Expiry({
  at,
  words,
}: {
  at: number;
  words: { plain: string; within: string; over: string };
}) {
  const now = useNow(1000);
  return (
    <span className="tail">
      {now === null ? (
        words.plain
      ) : at > now ? (
        <Rich text={words.within} parts={{ time: <span className="fact">{clock(at - now)}</span> }} />
      ) : (
        words.over
      )}
    </span>
  );
}
