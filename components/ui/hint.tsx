"use client";

import { Tooltip } from "@base-ui/react/tooltip";
import { type ReactElement, useRef } from "react";

export const tooltipClass =
  "max-w-[320px] rounded-sm border border-line-strong bg-raised px-[7px] py-[3px] text-small text-ink-2 shadow-(--lift)";

/** A tooltip for a control that has its own accessible name. */
export function Hint({
  text,
  children,
  side = "bottom",
}: {
  text: string;
  children: ReactElement;
  side?: "bottom" | "right" | "top";
}) {
  // It stands beside its control, within the same landmark.
  const layer = useRef<HTMLSpanElement>(null);
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <span ref={layer} className="contents" />
      <Tooltip.Portal container={layer}>
        <Tooltip.Positioner positionMethod="fixed" side={side} sideOffset={6} className="z-50">
          <Tooltip.Popup className={tooltipClass}>{text}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
