"use client";

import { type RefObject, type UIEvent, useEffect, useRef } from "react";

const NEAR_PX = 30;

/**
 * Keeps a box at its end while it grows, unless the reader has scrolled up.
 * @param length of what it shows, in whatever it grows by
 */
export function useStayAtEnd(length: number): {
  box: RefObject<HTMLElement | null>;
  onScroll: (event: UIEvent<HTMLElement>) => void;
} {
  const box = useRef<HTMLElement>(null);
  const stays = useRef(true);
  useEffect(() => {
    if (length > 0 && stays.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [length]);
  return {
    box,
    onScroll: ({ currentTarget: at }) => {
      stays.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_PX;
    },
  };
}
