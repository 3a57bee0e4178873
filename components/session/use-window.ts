"use client";

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** As many entries are drawn at the end of a transcript; the rest come when the reader goes up to them. */
const AT_END = 100;
const STEP = 100;
/** So close to the top more is drawn, and so close to the end counts as being there. */
const NEAR_TOP_PX = 1200;
const NEAR_END_PX = 40;

/**
 * The part of a long list that is drawn: its end while the reader is there, and what they have scrolled up to.
 * Why no library does it: `docs/adr/0013`.
 * @returns where it begins, and how to bring an entry into it: call what that returns once the entry is in view
 */
export function useWindow(
  count: number,
  box: RefObject<HTMLElement | null>,
): { start: number; reveal: (index: number) => () => void } {
  /** Null while the reader is at the end. */
  const [from, setFrom] = useState<number | null>(null);
  const start = Math.min(from ?? Infinity, Math.max(0, count - AT_END));
  const now = useRef(start);
  /** An entry is being brought into view: until it is there, where the reader stands says nothing. */
  const revealing = useRef(false);
  const before = useRef<{ height: number; top: number }>(undefined);

  useLayoutEffect(() => {
    now.current = start;
    const scroller = box.current;
    // What was drawn above must not move what is read.
    if (scroller && before.current)
      scroller.scrollTo({ top: before.current.top + scroller.scrollHeight - before.current.height });
    before.current = undefined;
  }, [start, box]);

  useEffect(() => {
    const scroller = box.current;
    if (!scroller) return;
    const onScroll = () => {
      if (scroller.clientHeight === 0 || revealing.current) return;
      // One of before may never have been drawn: this scroll has taken it back.
      before.current = undefined;
      const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
      if (left < NEAR_END_PX) return setFrom(null);
      if (scroller.scrollTop > NEAR_TOP_PX || now.current === 0)
        return setFrom((known) => known ?? now.current);
      before.current = { height: scroller.scrollHeight, top: scroller.scrollTop };
      setFrom(Math.max(0, now.current - STEP));
    };
    scroller.addEventListener("scroll", onScroll, { passive: true });
    return () => scroller.removeEventListener("scroll", onScroll);
  }, [box]);

  const reveal = useCallback((index: number) => {
    revealing.current = true;
    setFrom((known) => Math.max(0, Math.min(known ?? now.current, index - STEP / 4)));
    return () => {
      revealing.current = false;
    };
  }, []);
  return { start, reveal };
}
