"use client";

import { useId } from "react";

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
      className={`cell w-[96px] max-sm:w-full max-sm:border-t max-sm:border-l-0! max-sm:border-t-line ${problem ? "cell-wrong" : ""}`}
    >
      <label className="k" htmlFor={id}>
        Spending cap
      </label>
      <span className="v fact">
        <span className={value === "" ? "faint" : ""} aria-hidden="true">
          $
        </span>
        <input
          id={id}
          className="cell-input"
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
