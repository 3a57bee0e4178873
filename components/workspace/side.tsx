import type { ReactNode } from "react";

/** A list, and beside it what is chosen in it; on a phone one above the other. */
export function Side({ list, children }: { list: ReactNode; children: ReactNode }) {
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(140px,200px)_minmax(0,1fr)] max-sm:grid-cols-[minmax(0,1fr)] max-sm:grid-rows-[minmax(0,34%)_minmax(0,1fr)]">
      <div className="flex min-h-0 min-w-0 flex-col border-r border-line max-sm:border-r-0 max-sm:border-b">
        {list}
      </div>
      {children}
    </div>
  );
}

export const treeClass = "overflow-auto p-1.5 text-[length:var(--text-small)]";
export const treeRowClass =
  "flex min-h-6 w-full cursor-default items-center gap-1.5 rounded-xs pr-1.5 font-mono tracking-[-0.01em] [word-spacing:0] hover:bg-hover focus-visible:-outline-offset-2 aria-selected:bg-selected aria-[current]:bg-selected max-sm:min-h-11";
