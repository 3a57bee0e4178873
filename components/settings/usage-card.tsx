"use client";

import { useState } from "react";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { fetchUsage, type UsageReport } from "#client/settings.ts";
import type { Measure } from "#client/usage-chart.ts";
import { plural } from "#domain/plural.ts";
import { namesOf } from "../common/payer.tsx";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { ReadProblem } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { Segments } from "../ui/segments.tsx";
import { UsageBars } from "./usage-bars.tsx";
import { PAYERS, WhereItWent } from "./where-it-went.tsx";

/** As many days as the page brings with it. */
const FIRST_DAYS = 30;
const RANGES = [7, FIRST_DAYS, 90].map((value) => ({
  value,
  name: `${value} ${plural(value, "day", "days")}`,
}));
const MEASURES: { value: Measure; name: string }[] = [
  { value: "cost", name: "Cost" },
  { value: "tokens", name: "Tokens" },
];

/** What model calls and sandboxes used and cost, by model and day: as bars or as a table. */
export function UsageCard({ initial }: { initial: UsageReport }) {
  const f = useFormat();
  const [days, setDays] = useState(FIRST_DAYS);
  const [measure, setMeasure] = useState<Measure>("cost");
  const [asTable, setAsTable] = useState(false);
  const usage = useResource(["usage", days], async () => await fetchUsage(days), {
    initial: days === FIRST_DAYS ? initial : undefined,
    keep: true,
  });
  const report = usage.data ?? initial;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_380px] items-start gap-5 max-lg:grid-cols-[minmax(0,1fr)]">
      <Card aria-labelledby="usage" aria-busy={usage.loading}>
        <CardHead id="usage" title={measure === "cost" ? "Cost by model and day" : "Tokens by model and day"}>
          <span className="fact text-small text-ink-3">
            {f.dayName(report.from)} – {f.dayName(report.to)}, UTC
          </span>
          <div className="ml-auto flex flex-wrap items-center gap-2">
            <Segments label="Range" value={days} items={RANGES} onChange={setDays} />
            <Segments label="Show" value={measure} items={MEASURES} onChange={setMeasure} />
            <Button
              size="sm"
              look={asTable ? "plain" : "quiet"}
              aria-pressed={asTable}
              onClick={() => setAsTable(!asTable)}
            >
              Table
            </Button>
          </div>
        </CardHead>
        {usage.problem && (
          <div className="p-3">
            <ReadProblem of={usage} title="Couldn't load usage" />
          </div>
        )}
        {!report.complete && (
          <div className="p-3">
            <Notice tone="warning" title="The oldest calls in this range are left out">
              <p>
                This report covers the latest {f.count(report.calls)} calls, back to{" "}
                {report.counted_from === null ? "" : f.momentUtc(Date.parse(report.counted_from))} UTC. Choose
                a shorter range to see all of them.
              </p>
            </Notice>
          </div>
        )}
        {report.refunded_micro_usd > 0 && (
          <p className="border-b border-line px-4 py-2 text-small text-ink-2">
            {f.amount(report.refunded_micro_usd)} went back to your credits, for runs that failed on our side.
          </p>
        )}
        {report.usage.length === 0 ? (
          <p className="px-4 py-6 text-ink-2">No model calls in this range.</p>
        ) : asTable ? (
          <Groups report={report} />
        ) : (
          <UsageBars report={report} measure={measure} />
        )}
      </Card>
      <WhereItWent report={report} days={days} />
    </div>
  );
}

type Group = UsageReport["usage"][number];

function Groups({ report }: { report: UsageReport }) {
  const f = useFormat();
  const columns: Column<Group>[] = [
    { name: "Day", className: "fact whitespace-nowrap", render: ({ day }) => f.dayName(day) },
    {
      name: "Model",
      className: "whitespace-nowrap",
      render: ({ provider, model }) => namesOf(provider, model).model,
    },
    {
      name: "Paid by",
      className: "whitespace-nowrap text-ink-2",
      render: (group) => PAYERS[group.key_source],
    },
    {
      name: "Calls",
      num: true,
      render: ({ calls, sandbox_seconds: seconds }) =>
        calls === 0 && seconds > 0 ? f.wholeSeconds(seconds * 1_000) : f.count(calls),
    },
    { name: "In", num: true, render: (group) => f.tokens(group.input_tokens) },
    { name: "Cached", num: true, render: (group) => f.tokens(group.cached_tokens) },
    { name: "Out", num: true, render: (group) => f.tokens(group.output_tokens) },
    {
      name: "Cost",
      num: true,
      render: (group) => (
        <span title={costNote(group)}>
          {group.calls > 0 && group.unpriced_calls === group.calls
            ? "unknown"
            : `${group.estimated_calls > 0 ? "≤ " : ""}${f.amount(group.cost_micro_usd)}${group.unpriced_calls > 0 ? " + ?" : ""}`}
        </span>
      ),
    },
  ];
  return (
    <ScrollRegion label="Usage table" className="max-h-96 overflow-auto">
      <DataTable
        labelledBy="usage"
        dense
        columns={columns}
        rows={report.usage}
        rowKey={(group) => `${group.day} ${group.provider} ${group.model} ${group.key_source}`}
      />
    </ScrollRegion>
  );
}

/** Why a cost is not what the provider said, where that is so. */
function costNote(group: Group): string | undefined {
  const notes = [
    group.estimated_calls > 0 &&
      `The provider reported no usable figures for ${group.estimated_calls} of these calls, so each counts as the most it could cost.`,
    group.unpriced_calls > 0 &&
      `${group.unpriced_calls} of these calls ${plural(group.unpriced_calls, "has", "have")} no price, so the cost is unknown.`,
  ].filter((note) => note !== false);
  return notes.length > 0 ? notes.join(" ") : undefined;
}
