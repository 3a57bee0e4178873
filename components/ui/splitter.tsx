"use client";

import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { cn } from "./cn.ts";

const STEP = 2;

/**
 * A line between two panes that is moved by pointer or arrow keys. Values are in percent of the parent, or pixels.
 * Why no library does it: `docs/adr/0013`.
 */
export function Splitter({
  label,
  direction,
  value,
  min,
  max,
  measure,
  onChange,
}: {
  label: string;
  /** `columns` stands between two columns; `rows` lies between two rows. */
  direction: "columns" | "rows";
  value: number;
  min: number;
  max: number;
  /** The value for a place of the pointer. */
  measure: (point: { x: number; y: number }, area: DOMRect) => number;
  onChange: (value: number) => void;
}) {
  const line = useRef<HTMLDivElement>(null);
  const set = (next: number) => onChange(Math.round(Math.min(max, Math.max(min, next))));
  const onPointerDown = (event: PointerEvent) => {
    event.preventDefault();
    line.current?.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent) => {
    const area = line.current?.parentElement?.getBoundingClientRect();
    if (!area || !line.current?.hasPointerCapture(event.pointerId)) return;
    set(measure({ x: event.clientX, y: event.clientY }, area));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const more = direction === "columns" ? "ArrowRight" : "ArrowUp";
    const less = direction === "columns" ? "ArrowLeft" : "ArrowDown";
    const step = ((max - min) / 100) * STEP;
    const next =
      event.key === more
        ? value + step
        : event.key === less
          ? value - step
          : event.key === "Home"
            ? min
            : event.key === "End"
              ? max
              : undefined;
    if (next === undefined) return;
    event.preventDefault();
    set(next);
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a window splitter of the ARIA patterns
    <div
      ref={line}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a rule cannot be moved
      role="separator"
      aria-label={label}
      aria-orientation={direction === "columns" ? "vertical" : "horizontal"}
      aria-valuenow={Math.round(value)}
      aria-valuemin={min}
      aria-valuemax={max}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- arrow keys move it
      tabIndex={0}
      className={cn(
        "absolute z-5 touch-none hover:bg-accent-line focus-visible:bg-accent-line max-two:hidden",
        direction === "columns"
          ? "inset-y-0 -left-1 w-[7px] cursor-col-resize"
          : "inset-x-0 -top-1 h-[7px] cursor-row-resize",
      )}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onKeyDown={onKeyDown}
    />
  );
}
