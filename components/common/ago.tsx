"use client";

import { useFormat } from "#client/locale.tsx";
import { useNow } from "#client/use-now.ts";

/** A moment in words; in full on hover. Words come once the browser's clock is known. */
export function Ago({ at }: { at: number }) {
  const f = useFormat();
  const now = useNow(30_000);
  return (
    <time dateTime={new Date(at).toISOString()} title={now === null ? undefined : f.exact(at)}>
      {now === null ? "\u00a0" : f.ago(at, Math.max(now, at))}
    </time>
  );
}
