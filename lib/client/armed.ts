"use client";

/**
 * Guards against an answer that was meant for the card before: a new card appears where the last one was, while people
 * click on or still hold a key.
 */

import { type RefObject, useEffect, useRef, useState } from "react";

/** So long a card must have been seen before it takes an answer. */
const SEEN_MS = 600;
/** A hand that lies still moves the pointer by less. */
const MOVED_PX = 3;
/** A card that appears within this time of an answer is the next one: the focus goes on to it. */
const NEXT_MS = 5_000;

/** The last answer in this window, as long as the hand that gave it may still be at it. */
const last = {
  at: Number.NEGATIVE_INFINITY,
  pointer: null as { x: number; y: number } | null,
  keys: new Set<string>(),
};

function onPointerMove({ clientX, clientY }: PointerEvent): void {
  const { pointer } = last;
  if (pointer && Math.hypot(clientX - pointer.x, clientY - pointer.y) < MOVED_PX) return;
  last.pointer = null;
  window.removeEventListener("pointermove", onPointerMove);
}

function onKeyUp({ key }: globalThis.KeyboardEvent): void {
  last.keys.delete(key.toLowerCase());
  if (last.keys.size === 0) window.removeEventListener("keyup", onKeyUp);
}

/** What of an event says by which hand it came. */
interface By {
  key?: string;
  /** 0 for a click that no pointer made: a key's on a button, or an assistive one. */
  detail?: number;
  clientX?: number;
  clientY?: number;
  pointerType?: string;
}

/** Notes that a card was answered: the same still pointer, or held key, answers no other. */
export function noteAnswer({ key, detail = 0, clientX = 0, clientY = 0, pointerType }: By): void {
  last.at = performance.now();
  if (key !== undefined) {
    last.keys.add(key.toLowerCase());
    window.addEventListener("keyup", onKeyUp);
  } else if (detail > 0 && pointerType !== "touch") {
    last.pointer = { x: clientX, y: clientY };
    window.addEventListener("pointermove", onPointerMove);
  }
}

/** Notes that an answer did not arrive: the same hand may give it again. */
export function forgetAnswer(): void {
  last.pointer = null;
  last.keys.clear();
}

/** Whether this hand has let go of the last answer. A finger leaves the screen between two taps. */
export function isAnotherHand({ key, detail = 0, pointerType }: By): boolean {
  if (key !== undefined) return !last.keys.has(key.toLowerCase());
  return detail === 0 || pointerType === "touch" || last.pointer === null;
}

/** Whether an element has the focus of somebody who writes, or uses a control. */
const isInUse = (element: Element | null): boolean => element !== null && element !== document.body;

/**
 * Whether a card may be answered: once it has been in sight for a moment. A card that comes after an answer takes the
 * focus, unless something else has it.
 */
export function useArmed(card: RefObject<HTMLElement | null>): boolean {
  const [armed, setArmed] = useState(false);
  const started = useRef(false);
  useEffect(() => {
    const element = card.current;
    if (!element || started.current) return;
    if (performance.now() - last.at < NEXT_MS && !isInUse(document.activeElement))
      element.focus({ preventScroll: true });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const seen = new IntersectionObserver(([entry]) => {
      clearTimeout(timer);
      if (!entry?.isIntersecting) return;
      timer = setTimeout(() => {
        started.current = true;
        seen.disconnect();
        setArmed(true);
      }, SEEN_MS);
    });
    seen.observe(element);
    return () => {
      clearTimeout(timer);
      seen.disconnect();
    };
  }, [card]);
  return armed;
}
