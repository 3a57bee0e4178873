"use client";

import type { Pages } from "#client/live-settings.ts";
import { useFormat } from "#client/locale.tsx";
import { plural } from "#domain/plural.ts";
import { Button } from "./button.tsx";
import { Glyph } from "./glyph.tsx";

/** What a list's rows are called. */
export interface RowNames {
  one: string;
  other: string;
}

/** Below a list: how much of it is seen, whether it is live, and the rest. */
export function MoreRows({
  pages,
  names,
}: {
  pages: Omit<Pages<unknown>, "rows"> & { rows: readonly unknown[] };
  names: RowNames;
}) {
  const f = useFormat();
  const { rows, more, loading, live, loadMore } = pages;
  return (
    <div className="flex min-h-10 items-center gap-2 border-t border-line px-3.5 py-[5px] text-small text-ink-3">
      <span>
        {loading
          ? `Loading ${names.other}`
          : `${f.count(rows.length)} ${plural(rows.length, names.one, names.other)}${more === "none" ? "" : " so far"}`}
      </span>
      {!live && !loading && (
        <span className="bones inline-flex items-center gap-1.5">
          <Glyph name="waiting" className="text-warning" />
          connecting
        </span>
      )}
      {more !== "none" && loadMore && (
        <Button size="sm" className="ml-auto" off={more === "loading"} onClick={loadMore}>
          {more === "loading" ? "Loading" : "Load more"}
        </Button>
      )}
    </div>
  );
}
