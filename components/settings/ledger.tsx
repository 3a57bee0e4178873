"use client";

import Link from "next/link";
import { type LedgerRow, useLedger } from "#client/live-settings.ts";
import { useFormat } from "#client/locale.tsx";
import { Moment } from "../common/moment.tsx";
import { namesOf } from "../common/payer.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { type Column, PagedTable } from "../ui/data-table.tsx";

/** What an entry is for, in words. */
function wordsOf(entry: LedgerRow): string {
  if (entry.kind !== "charge") return entry.description;
  const [provider = "", ...model] = entry.description.split("/");
  const names = namesOf(provider, model.join("/"));
  return `Call to ${names.model}`;
}

const COLUMNS: Column<LedgerRow>[] = [
  {
    name: "Time",
    className: "fact text-small whitespace-nowrap text-ink-2",
    render: ({ at }) => <Moment at={at} />,
  },
  { name: "Entry", className: "wrap-anywhere", render: wordsOf },
  {
    name: "Session",
    className: "text-small whitespace-nowrap",
    render: ({ sessionId }) =>
      sessionId && (
        <Link className="link inline-block leading-6" href={`/studio/${sessionId}`}>
          Open session
        </Link>
      ),
  },
  {
    name: "Amount",
    num: true,
    className: "max-sm:ml-auto",
    render: ({ deltaMicroUsd: delta }) => (
      <span className={delta > 0 ? "text-success" : ""}>
        {delta > 0 && "+"}
        <Amount of={delta} />
      </span>
    ),
  },
  { name: "Balance", num: true, render: ({ balanceAfterMicroUsd }) => <Amount of={balanceAfterMicroUsd} /> },
];

function Amount({ of }: { of: number }) {
  return <>{useFormat().amount(of)}</>;
}

/** Every entry of the credit account, newest first, as they come. */
export function Ledger() {
  return (
    <Card aria-labelledby="ledger">
      <CardHead id="ledger" title="Ledger">
        <span className="text-small text-ink-3">Append-only</span>
      </CardHead>
      <PagedTable
        labelledBy="ledger"
        dense
        stack
        pages={useLedger()}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        rowProps={() => ({ "data-testid": "ledger-entry" })}
        names={{ one: "entry", other: "entries" }}
        empty="No entries yet. Credits you receive and the model calls they pay for appear here."
      />
    </Card>
  );
}
