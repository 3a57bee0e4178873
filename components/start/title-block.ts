/** A row of cells, each a name over a value: what a session is made of. */
export const titleBlockClass =
  "flex min-w-0 overflow-hidden rounded-md rounded-b-none border border-b-0 border-line-control bg-raised";
export const cellClass =
  "relative flex min-w-0 flex-col justify-center gap-px border-l border-line px-[11px] pt-[5px] pb-1.5 whitespace-nowrap first:border-l-0";
/** A cell that has a row of its own on a phone. */
export const rowCellClass = "max-sm:w-full max-sm:border-t max-sm:border-l-0";
export const cellNameClass = "text-[length:var(--text-micro)] leading-3.5 font-medium text-ink-3";
export const cellValueClass = "flex min-w-0 items-center gap-1.5 leading-[18px] font-medium";
