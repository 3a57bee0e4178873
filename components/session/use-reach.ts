"use client";

import { type RefObject, useCallback, useEffect, useRef } from "react";
import { type Entry, seqOf } from "./entries.ts";

/** The entry that an event stands in: the last one that begins at it, or before. */
function indexOf(entries: readonly Entry[], seq: number): number {
  return entries.findLastIndex((entry) => (seqOf(entry) ?? Infinity) <= seq);
}

/**
 * Brings an entry of the transcript into view, by its place or by an address that ends in `#e412`, and marks it.
 * @param reach draws the entry first, where it is not
 * @param leave ends the following of the transcript's end
 */
export function useReach(
  entries: readonly Entry[],
  box: RefObject<HTMLElement | null>,
  reach: (index: number) => () => void,
  leave: () => void,
): (index: number) => void {
  const all = useRef(entries);
  useEffect(() => {
    all.current = entries;
  }, [entries]);

  const showEntry = useCallback(
    (index: number) => {
      const entry = all.current[index];
      if (!entry) return;
      leave();
      const done = reach(index);
      // Two frames: one draws it, and in the next it has its place.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          const row = box.current?.querySelector(`[data-entry="${CSS.escape(entry.key)}"]`);
          for (const other of box.current?.querySelectorAll("[data-found]") ?? [])
            other.removeAttribute("data-found");
          row?.setAttribute("data-found", "");
          // A row has no box of its own.
          row?.lastElementChild?.scrollIntoView({ block: "center" });
          // The scroll's own event comes with the next frame.
          requestAnimationFrame(done);
        }),
      );
    },
    [box, reach, leave],
  );
  useEffect(() => {
    const follow = () => {
      const seq = /^#e(\d{1,9})$/.exec(window.location.hash)?.[1];
      if (seq !== undefined) showEntry(indexOf(all.current, Number(seq)));
    };
    const timer = setTimeout(follow);
    window.addEventListener("hashchange", follow);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("hashchange", follow);
    };
  }, [showEntry]);
  return showEntry;
}
