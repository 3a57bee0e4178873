"use client";

import Link from "next/link";
import { type OperatorEntry, type ReadPages, useOperatorAudit } from "#client/operator.ts";
import type { OperatorAction } from "#domain/operator.ts";
import { Moment } from "../common/moment.tsx";
import { PageHead } from "../settings/page-head.tsx";
import { Card } from "../ui/card.tsx";
import type { Column } from "../ui/data-table.tsx";
import { Dollars } from "./counted.tsx";
import { ReadTable } from "./read-table.tsx";

const ACTIONS: Record<OperatorAction, string> = {
  freeze: "Froze",
  thaw: "Let go on",
  credit: "Adjusted credits",
  end_session: "Ended a session",
  list_sessions: "Listed the sessions",
  read_session: "Read a session",
};

const COLUMNS: Column<OperatorEntry>[] = [
  { name: "When", className: "whitespace-nowrap", render: ({ at }) => <Moment at={at} /> },
  {
    name: "Who",
    isRowName: true,
    className: "wrap-anywhere",
    render: ({ by, address }) => (address === null ? by : `${by} (${address})`),
  },
  {
    name: "What",
    render: ({ action, target, amountMicroUsd }) => (
      <>
        {ACTIONS[action]} {target !== null && <span className="fact">{target}</span>}
        {amountMicroUsd !== null && <Dollars microUsd={amountMicroUsd} />}
      </>
    ),
  },
  {
    name: "Organization",
    render: ({ organization, slug }) => (
      <Link className="link fact" href={`/operator/organizations/${organization}`}>
        {slug}
      </Link>
    ),
  },
  { name: "Reason", className: "wrap-anywhere", render: ({ reason }) => reason },
];

/** Entries of the operator's audit, the latest first. */
export function OperatorEntries({ pages }: { pages: ReadPages<OperatorEntry> }) {
  return (
    <ReadTable
      problem="Couldn't load the audit"
      caption="What operators have done"
      pages={pages}
      columns={COLUMNS}
      rowKey={({ id }) => id}
      names={{ one: "entry", other: "entries" }}
      empty="Nothing yet."
    />
  );
}

/** All that operators have done on this Studio. */
export function OperatorAuditScreen() {
  return (
    <>
      <PageHead title="Audit">
        What operators have done, on these pages and by the command. It is kept for good.
      </PageHead>
      <Card>
        <OperatorEntries pages={useOperatorAudit()} />
      </Card>
    </>
  );
}
