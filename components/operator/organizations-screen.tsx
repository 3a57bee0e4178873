"use client";

import Link from "next/link";
import { useState } from "react";
import { type OperatorOrganization, useOrganizations } from "#client/operator.ts";
import { useSettled } from "#client/use-settled.ts";
import { MAX_OPERATOR_ORGANIZATIONS } from "#domain/operator.ts";
import { Moment } from "../common/moment.tsx";
import { PageHead } from "../settings/page-head.tsx";
import { Card } from "../ui/card.tsx";
import type { Column } from "../ui/data-table.tsx";
import { Counted, Dollars } from "./counted.tsx";
import { ReadTable } from "./read-table.tsx";
import { SearchField } from "./search-field.tsx";

const COLUMNS: Column<OperatorOrganization>[] = [
  {
    name: "Organization",
    isRowName: true,
    className: "max-w-[260px] font-medium wrap-anywhere",
    render: ({ id, name, slug }) => (
      <>
        <Link className="link" href={`/operator/organizations/${id}`}>
          {name}
        </Link>{" "}
        <span className="fact text-small text-ink-3">{slug}</span>
      </>
    ),
  },
  { name: "Members", num: true, render: ({ members }) => <Counted of={members} /> },
  { name: "Live sessions", num: true, render: ({ live }) => <Counted of={live} /> },
  {
    name: "Spent this month",
    num: true,
    render: ({ spentThisMonthMicroUsd: microUsd }) => <Dollars microUsd={microUsd} />,
  },
  { name: "Balance", num: true, render: ({ balanceMicroUsd }) => <Dollars microUsd={balanceMicroUsd} /> },
  { name: "Created", hideBelow: "lg", render: ({ createdAt }) => <Moment at={createdAt} /> },
  { name: "State", render: ({ frozen }) => (frozen ? "Frozen" : "") },
];

/** All organizations of this Studio. */
export function OrganizationsScreen() {
  const [typed, setTyped] = useState("");
  const pages = useOrganizations(useSettled(typed.trim(), 300));
  return (
    <>
      <PageHead title="Organizations">The newest first, or the best matches of a search.</PageHead>
      <SearchField
        hint="A name, the beginning of a slug, or a member's whole address"
        typed={typed}
        onType={setTyped}
      />
      <Card>
        <ReadTable
          problem="Couldn't load the organizations"
          caption="Organizations"
          pages={pages}
          columns={COLUMNS}
          rowKey={({ id }) => id}
          names={{ one: "organization", other: "organizations" }}
          empty="There is no such organization."
        />
        {typed !== "" && pages.rows.length >= MAX_OPERATOR_ORGANIZATIONS && (
          <p className="px-4 py-2 text-small text-ink-3">The best matches; there may be more.</p>
        )}
      </Card>
    </>
  );
}
