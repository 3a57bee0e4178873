"use client";

import type { ReactNode } from "react";
import type { Pages } from "#client/live-settings.ts";
import { cn } from "./cn.ts";
import { MoreRows, type RowNames } from "./more-rows.tsx";

export interface Column<Row> {
  name: string;
  /** Nobody needs to see that a column of buttons is one. */
  isNameHidden?: boolean;
  render: (row: Row) => ReactNode;
  /** Figures: at the end, in figures of one width. */
  num?: boolean;
  /** It names the row. */
  isRowName?: boolean;
  /** Not shown below this width. */
  hideBelow?: "sm" | "lg" | "xl";
  className?: string;
  nameClass?: string;
}

const HIDE = { sm: "max-sm:hidden", lg: "max-lg:hidden", xl: "max-xl:hidden" };

const cellClass = (dense: boolean, stack: boolean) =>
  cn(
    "h-9 border-b border-line px-3 py-1 align-middle group-last/row:border-b-0",
    dense && "h-[30px] py-0.5",
    stack && "max-sm:h-auto max-sm:border-0 max-sm:p-0",
  );

/**
 * A table: its columns, its rows, and below them how much of the list is seen.
 * @param given `stack`: on a phone each row stands on its own; `foot`: a last row; `pages`: where the list grows
 */
export function DataTable<Row>({
  caption,
  labelledBy,
  columns,
  rows,
  rowKey,
  rowProps,
  dense = false,
  stack = false,
  busy,
  foot,
  className,
}: {
  /** For those who listen; or the id of the heading that names it. */
  caption?: string;
  labelledBy?: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  rowProps?: (row: Row) => { [data: `data-${string}`]: string; "aria-busy"?: boolean };
  dense?: boolean;
  stack?: boolean;
  busy?: boolean;
  /** The cells of a last row, which sums up. */
  foot?: readonly ReactNode[];
  className?: string;
}) {
  const cell = cellClass(dense, stack);
  const rowClass = cn(
    "group/row hover:bg-hover/55",
    stack &&
      "max-sm:flex max-sm:flex-wrap max-sm:items-center max-sm:gap-x-2.5 max-sm:gap-y-1 max-sm:border-b max-sm:border-line max-sm:px-3.5 max-sm:py-2.5 max-sm:last:border-b-0",
  );
  return (
    <table className={cn(stack && "max-sm:block", className)} aria-labelledby={labelledBy} aria-busy={busy}>
      {caption !== undefined && <caption className="sr-only">{caption}</caption>}
      <thead className={stack ? "max-sm:sr-only" : undefined}>
        <tr>
          {columns.map((column) => (
            <th
              key={column.name}
              scope="col"
              className={cn(
                "h-[30px] border-b border-line bg-sunken px-3 text-small whitespace-nowrap text-ink-3",
                column.num && "text-end",
                column.hideBelow && HIDE[column.hideBelow],
                column.nameClass,
              )}
            >
              {column.isNameHidden ? <span className="sr-only">{column.name}</span> : column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className={stack ? "max-sm:block" : undefined}>
        {rows.map((row) => (
          <tr key={rowKey(row)} {...rowProps?.(row)} className={rowClass}>
            {columns.map((column) => {
              const Cell = column.isRowName ? "th" : "td";
              return (
                <Cell
                  key={column.name}
                  scope={column.isRowName ? "row" : undefined}
                  className={cn(
                    cell,
                    column.isRowName && "font-normal",
                    column.num &&
                      "text-end font-mono text-small tracking-[-0.01em] whitespace-nowrap tabular-nums",
                    column.hideBelow && HIDE[column.hideBelow],
                    column.className,
                  )}
                >
                  {column.render(row)}
                </Cell>
              );
            })}
          </tr>
        ))}
        {foot && (
          <tr className={rowClass}>
            {columns.map((column, index) => {
              const Cell = column.isRowName || index === 0 ? "th" : "td";
              return (
                <Cell
                  key={column.name}
                  scope={index === 0 ? "row" : undefined}
                  className={cn(
                    cell,
                    "font-semibold",
                    column.num &&
                      "text-end font-mono text-small tracking-[-0.01em] whitespace-nowrap tabular-nums",
                  )}
                >
                  {foot[index]}
                </Cell>
              );
            })}
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** A table of a list that grows by pages: what stands there while it has no rows, and below how much of it is seen. */
export function PagedTable<Row>({
  pages,
  names,
  empty,
  ...table
}: {
  pages: Pages<Row>;
  names: RowNames;
  empty: ReactNode;
} & Omit<Parameters<typeof DataTable<Row>>[0], "rows" | "busy">) {
  const isEmpty = !pages.loading && pages.rows.length === 0;
  return (
    <>
      {isEmpty ? (
        <p className="px-4 py-6 text-ink-2">{empty}</p>
      ) : (
        <DataTable {...table} rows={pages.rows} busy={pages.loading} />
      )}
      <MoreRows pages={pages} names={names} />
    </>
  );
}
