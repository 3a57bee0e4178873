"use client";

import { type CSSProperties, type RefObject, useCallback, useEffect, useLayoutEffect, useState } from "react";

/** Rows that are drawn beyond what is seen, so that a quick hand finds them there. */
const BEYOND = 30;
/** Browsers cut an element off that is higher; then a step of the scroll bar is more than a row. */
const MAX_PX = 8_000_000;

/**
 * The part of a list of rows of one height that is drawn.
 *
 * The rows that are drawn stand after a space of `topPx`, as a sticky block with the style `block`: where somebody
 * scrolls faster than rows are drawn, the block stays in sight with the rows it has, and the list is never empty.
 * @returns `first` and `last` (exclusive), `topPx`, `block`, `heightPx` of the whole, and how to bring a row into view
 */
export function useRows(
  count: number,
  rowPx: number,
  box: RefObject<HTMLElement | null>,
): {
  first: number;
  last: number;
  topPx: number;
  block: CSSProperties;
  heightPx: number;
  reveal: (index: number) => void;
} {
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  const wholePx = count * rowPx;
  const heightPx = Math.min(wholePx, MAX_PX);
  const scale = heightPx === 0 ? 1 : wholePx / heightPx;

  useLayoutEffect(() => {
    const scroller = box.current;
    if (!scroller) return;
    const look = () => setSeen({ top: scroller.scrollTop, height: scroller.clientHeight });
    look();
    scroller.addEventListener("scroll", look, { passive: true });
    const resized = new ResizeObserver(look);
    resized.observe(scroller);
    return () => {
      scroller.removeEventListener("scroll", look);
      resized.disconnect();
    };
  }, [box]);
  // A list that a filter makes shorter leaves the reader behind its end.
  useEffect(() => {
    const scroller = box.current;
    if (scroller && scroller.scrollTop > heightPx) scroller.scrollTo({ top: heightPx });
  }, [box, heightPx]);

  const atFirst = Math.floor((seen.top * scale) / rowPx);
  const inView = Math.ceil(seen.height / rowPx);
  const first = Math.max(0, Math.min(atFirst, count - inView) - BEYOND);
  const last = Math.min(count, Math.max(0, atFirst) + inView + BEYOND);
  // Drawn where the reader is, whatever a step of the scroll bar means there.
  const topPx = scale === 1 ? first * rowPx : Math.max(0, seen.top - (atFirst - first) * rowPx);

  const reveal = useCallback(
    (index: number) => {
      const scroller = box.current;
      if (!scroller) return;
      const top = (index * rowPx) / scale;
      const isAbove = top < scroller.scrollTop;
      const isBelow = top + rowPx > scroller.scrollTop + scroller.clientHeight;
      if (isAbove) scroller.scrollTo({ top });
      else if (isBelow) scroller.scrollTo({ top: top + rowPx - scroller.clientHeight });
    },
    [box, rowPx, scale],
  );
  const stickPx = Math.min(0, seen.height - (last - first) * rowPx);
  return {
    first,
    last,
    topPx,
    block: { position: "sticky", top: stickPx, bottom: stickPx },
    heightPx,
    reveal,
  };
}
