"use client";

import { Download } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { type LedgerRow, useLedger } from "#client/live-settings.ts";
import { useFormat } from "#client/locale.tsx";
import { Moment } from "../common/moment.tsx";
import { namesOf } from "../common/payer.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Card, CardHead } from "../ui/card.tsx";
import { type Column, PagedTable } from "../ui/data-table.tsx";
import { Icon } from "../ui/icon.tsx";
import { Choice } from "../ui/select.tsx";

/** What an entry is for, in words. */
function wordsOf(entry: LedgerRow): string {
  if (entry.kind === "sandbox") return `Sandbox time, ${entry.description}`;
  if (entry.kind !== "charge") return entry.description;
  const [provider = "", ...model] = entry.description.split("/");
  const names = namesOf(provider, model.join("/"));
  return `Call to ${names.model}`;
}

const ALL = "";
type Kind = LedgerRow["kind"] | typeof ALL;
const KINDS: { value: Kind; name: string }[] = [
  { value: ALL, name: "Everything" },
  { value: "charge", name: "Model calls" },
  { value: "sandbox", name: "Sandbox time" },
  { value: "adjustment", name: "Taken back" },
  { value: "purchase", name: "Purchases" },
  { value: "purchase_return", name: "Refunded payments" },
  { value: "dispute", name: "Disputes" },
  { value: "grant", name: "Credits given" },
  { value: "refund", name: "Credits given back" },
];

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
  const [kind, setKind] = useState<Kind>(ALL);
  const only = kind === ALL ? {} : { kind };
  const file = new URLSearchParams({ format: "csv", ...(kind !== ALL && { kind }) });
  return (
    <Card aria-labelledby="ledger">
      <CardHead id="ledger" title="Ledger">
        <a className={buttonClass({ size: "sm" })} href={`/api/v1/credits/ledger?${file}`} download>
          <Icon as={Download} size="sm" />
          Download CSV
        </a>
      </CardHead>
      <div className="max-w-64 px-3.5 py-2.5">
        <Choice label="What" value={kind} onChange={setKind} options={KINDS} />
      </div>
      <PagedTable
        labelledBy="ledger"
        dense
        stack
        pages={useLedger(only)}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        rowProps={() => ({ "data-testid": "ledger-entry" })}
        names={{ one: "entry", other: "entries" }}
        empty="No entries yet. Credits you receive and what they pay for appear here."
      />
    </Card>
  );
}
