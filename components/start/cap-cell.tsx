"use client";

import { useId } from "react";
import { cn } from "../ui/cn.ts";
import { cellClass, cellNameClass, cellValueClass, rowCellClass } from "./title-block.ts";

/** The cell of the title block that takes what the session may cost; empty is no cap. */
export function CapCell({
  value,
  problem,
  onChange,
}: {
  /** Dollars, as they are typed. */
  value: string;
  /** What is wrong with it; it is written out below the title block under `problemId`. */
  problem: { text: string; id: string } | undefined;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div
      className={cn(
        cellClass,
        rowCellClass,
        "w-[96px] has-[input:focus-visible]:bg-selected",
        problem && "inset-ring inset-ring-danger",
      )}
    >
      <label className={cellNameClass} htmlFor={id}>
        Spending cap
      </label>
      <span className={cn(cellValueClass, "fact")}>
        <span className={value === "" ? "text-ink-3" : ""} aria-hidden="true">
          $
        </span>
        <input
          id={id}
          className="-my-[3px] min-h-6 w-full min-w-0 bg-transparent text-ink [word-spacing:0]"
          inputMode="decimal"
          autoComplete="off"
          placeholder="none"
          value={value}
          title="The agent pauses and asks at this cost. Empty means no cap."
          aria-label="Spending cap in dollars, empty for none"
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem?.id}
          onChange={(event) => onChange(event.target.value)}
        />
      </span>
    </div>
  );
}
