"use client";

import Link from "next/link";
import { type ReactNode, useState } from "react";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { fetchUsage, type UsageReport } from "#client/settings.ts";
import { partsBy } from "#client/usage-chart.ts";
import { namesOf } from "../common/payer.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { ReadProblem } from "../ui/loaded.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { Choice } from "../ui/select.tsx";

/** Who pays, as reports call them. */
export const PAYERS = { platform: "Credits", direct: "Your key", openrouter: "Your OpenRouter key" };

type By = "model" | "payer" | "member" | "session" | "agent";
const BY: { value: By; name: string }[] = [
  { value: "model", name: "Model" },
  { value: "member", name: "Member" },
  { value: "session", name: "Session" },
  { value: "agent", name: "Agent" },
  { value: "payer", name: "Payer" },
];

interface Row {
  key: string;
  name: ReactNode;
  calls: number;
  sandboxSeconds: number;
  costMicroUsd: number;
  /** What of it credits paid; undefined where that is not told apart. */
  credits?: number;
}

const nameOfMember = (group: UsageReport["usage"][number]) => group.user_name ?? "Unknown";

/** The report's groups by what all of them have. */
function rowsOf(report: UsageReport, by: "model" | "payer" | "member"): Row[] {
  const rows = {
    model: () => partsBy(report, ({ provider, model }) => `${provider}/${model}`),
    payer: () => partsBy(report, (group) => group.key_source),
    member: () => partsBy(report, (group) => group.user_id ?? ""),
  }[by]();
  return rows.map(({ key, first, keys, credits, ...sums }) => ({
    key,
    name: {
      model: () => namesOf(first.provider, first.model).model,
      payer: () => PAYERS[first.key_source],
      member: () => nameOfMember(first),
    }[by](),
    costMicroUsd: keys + credits,
    credits,
    ...sums,
  }));
}

/** What each session, or each agent, used; the rest of them in one row. */
function partsOf({ parts = [], others }: UsageReport, by: "session" | "agent"): Row[] {
  const gone = by === "session" ? "Deleted session" : "Deleted agent";
  const link = (id: string) => (by === "session" ? `/studio/${id}` : `/settings/agents/${id}`);
  const rows: Row[] = parts.map((part) => ({
    key: part.id,
    name:
      part.name === null ? (
        gone
      ) : (
        <Link className="link" href={link(part.id)}>
          {part.name}
        </Link>
      ),
    calls: part.calls,
    sandboxSeconds: part.sandbox_seconds,
    costMicroUsd: part.cost_micro_usd,
  }));
  if (others)
    rows.push({
      key: "others",
      name: "All others",
      calls: others.calls,
      sandboxSeconds: others.sandbox_seconds,
      costMicroUsd: others.cost_micro_usd,
    });
  return rows;
}

/** Which models, people, sessions, agents or payers the cost of a range is of. */
export function WhereItWent({ report, days }: { report: UsageReport; days: number }) {
  const f = useFormat();
  const [by, setBy] = useState<By>("model");
  const asked = by === "member" || by === "session" || by === "agent" ? by : undefined;
  const found = useResource(["usage", days, asked], async () => await fetchUsage(days, asked), {
    enabled: asked !== undefined,
  });
  const isPart = by === "session" || by === "agent";
  const rows = isPart
    ? found.data && partsOf(found.data, by)
    : asked
      ? found.data && rowsOf(found.data, "member")
      : rowsOf(report, by);
  const total = report.usage.reduce((sum, group) => sum + group.cost_micro_usd, 0);
  const columns: Column<Row>[] = [
    {
      name: BY.find(({ value }) => value === by)?.name ?? "",
      isRowName: true,
      className: "max-w-[140px] truncate",
      render: ({ name }) => name,
    },
    { name: "Calls", num: true, render: ({ calls }) => f.count(calls) },
    {
      name: "Sandbox",
      num: true,
      className: "whitespace-nowrap",
      render: ({ sandboxSeconds }) => (sandboxSeconds > 0 ? f.wholeSeconds(sandboxSeconds * 1_000) : ""),
    },
    ...(isPart || by === "payer"
      ? []
      : [{ name: "Credits", num: true, render: ({ credits = 0 }: Row) => f.dollars(credits) }]),
    { name: "Cost", num: true, render: ({ costMicroUsd }) => f.dollars(costMicroUsd) },
  ];
  return (
    <Card aria-labelledby="where-it-went" aria-busy={asked !== undefined && found.loading}>
      <CardHead id="where-it-went" title="Where it went">
        <span className="fact ml-auto text-small text-ink-3">{f.dollars(total)}</span>
      </CardHead>
      <div className="max-w-64 px-3.5 py-2.5">
        <Choice label="By" value={by} onChange={setBy} options={BY} />
      </div>
      {asked && found.problem && (
        <div className="p-3">
          <ReadProblem of={found} title="Couldn't load usage" />
        </div>
      )}
      {rows?.length === 0 && <p className="px-4 pb-4 text-ink-2">Nothing was used in this range.</p>}
      {rows && rows.length > 0 && (
        <ScrollRegion label="Where it went" landmark={false} className="max-h-96 overflow-auto">
          <DataTable
            labelledBy="where-it-went"
            dense
            columns={columns}
            rows={rows}
            rowKey={({ key }) => key}
          />
        </ScrollRegion>
      )}
    </Card>
  );
}
