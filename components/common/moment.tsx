"use client";

import { useFormat } from "#client/locale.tsx";
import { useHydrated } from "#client/use-browser.ts";

/** A moment in the reader's own time and way of writing, to the second on hover. */
export function Moment({ at }: { at: number }) {
  const f = useFormat();
  const known = useHydrated();
  return (
    <time dateTime={new Date(at).toISOString()} title={known ? f.exact(at) : undefined}>
      {known ? f.stamp(at) : "\u00a0"}
    </time>
  );
}
