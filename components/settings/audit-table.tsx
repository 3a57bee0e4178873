"use client";

import { actionLabel, actorLabel, CHANNEL_LABELS, valueLabel } from "#client/audit-labels.ts";
import type { AuditRow, Pages } from "#client/live-settings.ts";
import { Moment } from "../common/moment.tsx";
import { Card } from "../ui/card.tsx";
import { type Column, PagedTable } from "../ui/data-table.tsx";

const COLUMNS: Column<AuditRow>[] = [
  {
    name: "Time",
    className: "fact text-small whitespace-nowrap text-ink-2",
    render: ({ at }) => <Moment at={at} />,
  },
  {
    name: "Who",
    className: "wrap-anywhere",
    render: (row) => {
      const { name, key } = actorLabel(row);
      return (
        <>
          {name}
          {key && <span className="block text-small text-ink-2">{key}</span>}
        </>
      );
    },
  },
  { name: "Action", render: ({ action }) => actionLabel(action) },
  {
    name: "Target",
    className: "wrap-anywhere",
    render: ({ target, targetPerson }) => targetPerson?.name ?? target,
  },
  {
    name: "Change",
    className: "max-w-[360px] text-small wrap-anywhere max-sm:basis-full",
    render: ({ before, after }) => (
      <>
        {before !== null && <del className="text-ink-3">{valueLabel(before)}</del>}
        {before !== null && after !== null && <span aria-hidden="true"> → </span>}
        {after !== null && <ins className="no-underline">{valueLabel(after)}</ins>}
      </>
    ),
  },
  {
    name: "From",
    className: "text-small whitespace-nowrap text-ink-2",
    render: ({ via, address }) => (
      <>
        {via && CHANNEL_LABELS[via]}
        {address && <span className="block">{address}</span>}
      </>
    ),
  },
];

/** The entries, newest first, as they come. */
export function AuditTable({ log, filtered }: { log: Pages<AuditRow>; filtered: boolean }) {
  return (
    <Card aria-label="Audit log">
      <PagedTable
        caption="Audit log"
        dense
        stack
        pages={log}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        rowProps={() => ({ "data-testid": "audit-entry" })}
        names={{ one: "entry", other: "entries" }}
        empty={
          filtered
            ? "No entries match the filter."
            : "Nothing yet. Changes to settings, keys, and members appear here."
        }
      />
    </Card>
  );
}
