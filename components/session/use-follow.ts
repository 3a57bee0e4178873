"use client";

import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** So close to the end counts as being there. */
const NEAR_PX = 40;

/**
 * Keeps a scrolling box at its end while its content grows, until the reader scrolls up.
 * `away` is true while they are elsewhere.
 */
export function useFollow(): {
  box: RefObject<HTMLElement | null>;
  content: RefObject<HTMLDivElement | null>;
  away: boolean;
  toEnd: () => void;
  /** The reader goes elsewhere. */
  leave: () => void;
} {
  const box = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [away, setAway] = useState(false);

  const toEnd = useCallback(() => {
    following.current = true;
    setAway(false);
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, []);

  const leave = useCallback(() => {
    following.current = false;
    setAway(true);
  }, []);

  useEffect(() => {
    const scroller = box.current;
    const inner = content.current;
    if (!scroller || !inner) return;
    const keep = () => {
      if (following.current) scroller.scrollTop = scroller.scrollHeight;
    };
    const onScroll = () => {
      const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
      following.current = near;
      setAway(!near);
    };
    const sizes = new ResizeObserver(keep);
    sizes.observe(inner);
    sizes.observe(scroller);
    scroller.addEventListener("scroll", onScroll, { passive: true });
    keep();
    return () => {
      sizes.disconnect();
      scroller.removeEventListener("scroll", onScroll);
    };
  }, []);

  return { box, content, away, toEnd, leave };
}
