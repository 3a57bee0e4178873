/** Time runs down a ruled line, with one mark for each entry: its time, its tick, and beside them its body. */
export const railClass =
  "relative isolate grid grid-cols-[52px_17px_minmax(0,1fr)] gap-x-2 before:absolute before:inset-y-0 before:left-[68px] before:w-px before:bg-line-strong max-sm:grid-cols-[36px_17px_minmax(0,1fr)] max-sm:gap-x-1.5 max-sm:before:left-[50px]";
export const railAtClass =
  "text-end font-mono text-[11px] leading-[22px] tracking-[-0.01em] tabular-nums text-ink-3";
export const railTickClass =
  "relative z-1 grid h-[22px] w-[17px] place-items-center self-start bg-paper text-(--c,var(--ink-3))";
export const railBodyClass = "min-w-0 pb-3";

/** What is said, and the same by a person. */
export const saidClass = "text-read wrap-anywhere";
export const saidHumanClass =
  "-mt-[5px] rounded-md border border-line-strong bg-raised px-3 py-2 whitespace-pre-wrap";
