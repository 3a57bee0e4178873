"use client";

import { type RefObject, useEffect, useEffectEvent } from "react";
import { isTyping, useSingleKeys } from "#client/single-keys.ts";
import { type Entry, seqOf } from "#client/entries.ts";

/** The entry that an event stands in: the last one that begins at it, or before. */
function indexOf(entries: readonly Entry[], seq: number): number {
  return entries.findLastIndex((entry) => (seqOf(entry) ?? Infinity) <= seq);
}

/** Shows which entry is meant, and brings it into view. */
function mark(box: HTMLElement, row: Element, block: ScrollLogicalPosition): void {
  for (const other of box.querySelectorAll("[data-found]")) other.removeAttribute("data-found");
  row.setAttribute("data-found", "");
  // A row has no box of its own.
  row.lastElementChild?.scrollIntoView({ block });
}

/** The entry one step on from the one that is marked; without a mark, the first in view. */
function nextRow(box: HTMLElement, step: 1 | -1): Element | undefined {
  const rows = [...box.querySelectorAll("[data-entry]")];
  const marked = rows.findIndex((row) => row.hasAttribute("data-found"));
  if (marked >= 0) return rows[marked + step];
  const { top } = box.getBoundingClientRect();
  return rows.find((row) => (row.lastElementChild?.getBoundingClientRect().bottom ?? 0) > top);
}

/**
 * Brings an entry of the transcript into view and marks it: by its place, by an address that ends in `#e412`,
 * or by J and K from one to the next while the transcript has the focus.
 * @param reveal draws the entry first, where it is not
 * @param leave ends the following of the transcript's end
 */
export function useScrollToEntry(
  entries: readonly Entry[],
  box: RefObject<HTMLElement | null>,
  reveal: (index: number) => () => void,
  leave: () => void,
): (index: number) => void {
  const showEntry = (index: number) => {
    const entry = entries[index];
    if (!entry) return;
    leave();
    const done = reveal(index);
    // Two frames: one draws it, and in the next it has its place.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        const row = box.current?.querySelector(`[data-entry="${CSS.escape(entry.key)}"]`);
        if (box.current && row) mark(box.current, row, "center");
        // The scroll's own event comes with the next frame.
        requestAnimationFrame(done);
      }),
    );
  };
  const followHash = useEffectEvent(() => {
    const seq = /^#e(\d{1,9})$/.exec(window.location.hash)?.[1];
    if (seq !== undefined) showEntry(indexOf(entries, Number(seq)));
  });
  useEffect(() => {
    const follow = () => followHash();
    const timer = setTimeout(follow);
    window.addEventListener("hashchange", follow);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("hashchange", follow);
    };
  }, []);
  const single = useSingleKeys();
  useEffect(() => {
    const scroller = box.current;
    if (!scroller || !single) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
      const step = event.key === "j" ? 1 : event.key === "k" ? -1 : undefined;
      const row = step && nextRow(scroller, step);
      if (!row) return;
      event.preventDefault();
      leave();
      mark(scroller, row, "nearest");
    };
    scroller.addEventListener("keydown", onKeyDown);
    return () => scroller.removeEventListener("keydown", onKeyDown);
  }, [box, leave, single]);
  return showEntry;
}
