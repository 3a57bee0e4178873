"use client";

import { ago, exact } from "../../lib/client/format.ts";
import { useNow } from "../../lib/client/use-now.ts";

/** A moment in words; in full on hover. Words come once the browser's clock is known. */
export function Ago({ at }: { at: number }) {
  const now = useNow(30_000);
  return (
    <time dateTime={new Date(at).toISOString()} title={now === null ? undefined : exact(at)}>
      {now === null ? "\u00a0" : ago(at, Math.max(now, at))}
    </time>
  );
}
