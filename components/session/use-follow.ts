"use client";

import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** So close to the end counts as being there. */
const NEAR_PX = 40;
/** A scroll this soon after a wheel, a touch or a key is the reader's. */
const INTENT_MS = 1_000;
const INTENTS = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

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
  /** When the reader last did what scrolls, and when the end was last asked for: `performance.now()`. */
  const moved = useRef({ intentAt: Number.NEGATIVE_INFINITY, endAt: Number.NEGATIVE_INFINITY });
  const [away, setAway] = useState(false);

  const toEnd = useCallback(() => {
    following.current = true;
    // A scroll that began before this, by a key or a wheel, may still be going on.
    moved.current = { intentAt: Number.NEGATIVE_INFINITY, endAt: performance.now() };
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
    let last = { top: scroller.scrollTop, height: scroller.scrollHeight };
    const onIntent = () => {
      moved.current = { intentAt: performance.now(), endAt: Number.NEGATIVE_INFINITY };
    };
    const onScroll = () => {
      const { scrollTop: top, scrollHeight: height } = scroller;
      const near = height - top - scroller.clientHeight < NEAR_PX;
      const now = performance.now();
      const { intentAt, endAt } = moved.current;
      // What grows or shrinks moves the view, too: only a reader who goes up leaves the end.
      const byReader =
        top < last.top && now - endAt > INTENT_MS && (now - intentAt < INTENT_MS || height === last.height);
      last = { top, height };
      if (!near && now - endAt <= INTENT_MS) return keep();
      if (near) following.current = true;
      else if (byReader) following.current = false;
      setAway(!near && !following.current);
    };
    const sizes = new ResizeObserver(keep);
    sizes.observe(inner);
    sizes.observe(scroller);
    scroller.addEventListener("scroll", onScroll, { passive: true });
    for (const intent of INTENTS) scroller.addEventListener(intent, onIntent, { passive: true });
    keep();
    return () => {
      sizes.disconnect();
      scroller.removeEventListener("scroll", onScroll);
      for (const intent of INTENTS) scroller.removeEventListener(intent, onIntent);
    };
  }, []);

  return { box, content, away, toEnd, leave };
}
