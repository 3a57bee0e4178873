"use client";

import { useMemo } from "react";
import { type AgentDay, useAgentUsage } from "#client/live-agents.ts";
import { useFormat } from "#client/locale.tsx";
import { addSums, NO_USAGE } from "#domain/usage-report.ts";
import { Card, CardHead } from "../ui/card.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Fact, Facts } from "../ui/facts.tsx";

/** Days that are looked back on. */
const DAYS = 30;

function Day({ row }: { row: AgentDay }) {
  const f = useFormat();
  return <>{f.dayName(row.day)}</>;
}
function Tokens({ count }: { count: number }) {
  const f = useFormat();
  return <>{f.tokens(count)}</>;
}
function Cost({ row }: { row: AgentDay }) {
  const f = useFormat();
  return (
    <>
      {f.dollars(row.costMicroUsd)}
      {(row.unpricedCalls ?? 0) > 0 && <span className="text-ink-3"> and unpriced calls</span>}
    </>
  );
}

const COLUMNS: Column<AgentDay>[] = [
  { name: "Day (UTC)", isRowName: true, render: (row) => <Day row={row} /> },
  { name: "Runs", className: "fact", render: ({ runs }) => runs },
  { name: "Calls", className: "fact", render: ({ calls }) => calls },
  { name: "Input", className: "fact", render: ({ inputTokens }) => <Tokens count={inputTokens} /> },
  { name: "Output", className: "fact", render: ({ outputTokens }) => <Tokens count={outputTokens} /> },
  { name: "Cost", className: "fact", render: (row) => <Cost row={row} /> },
];

/** What an agent's runs of the last days used and cost, as it comes. */
export function AgentUsage({ agentId }: { agentId: string }) {
  const f = useFormat();
  const days = useAgentUsage(agentId, DAYS);
  const total = useMemo(
    () => ({
      runs: (days ?? []).reduce((sum, { runs }) => sum + runs, 0),
      ...(days ?? []).reduce(addSums, NO_USAGE),
    }),
    [days],
  );
  return (
    <Card aria-labelledby="agent-usage">
      <CardHead id="agent-usage" title={`Usage, last ${DAYS} days`} />
      <div className="grid gap-3 p-4">
        <Facts>
          <Fact name="Runs">{f.count(total.runs)}</Fact>
          <Fact name="Model calls">{f.count(total.calls)}</Fact>
          <Fact name="Tokens">
            {f.tokens(total.inputTokens)} in, {f.tokens(total.outputTokens)} out
          </Fact>
          <Fact name="Cost">{f.dollars(total.costMicroUsd)}</Fact>
        </Facts>
      </div>
      {days !== undefined && days.length > 0 && (
        <DataTable
          caption="Usage by day, newest first"
          dense
          stack
          columns={COLUMNS}
          rows={days}
          rowKey={({ day }) => day}
        />
      )}
    </Card>
  );
}
