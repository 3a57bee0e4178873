"use client";

import type { ReactNode } from "react";
import { clock } from "#client/format.ts";
import { useFormat } from "#client/locale.tsx";
import type { InspectorTotals } from "#domain/inspector.ts";
import { ScrollRegion } from "../ui/scroll-region.tsx";

function Cell({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid flex-none gap-0.5 border-r border-line px-4 py-2 last:border-r-0">
      <dt className="text-small text-ink-3">{name}</dt>
      <dd className="fact text-base">{children}</dd>
    </div>
  );
}

/** What a session, or a run, came to. */
export function StatsBar({ totals, label }: { totals: InspectorTotals; label: string }) {
  const f = useFormat();
  return (
    <ScrollRegion
      label={label}
      landmark={false}
      className="flex-none overflow-x-auto border-b border-line bg-desk"
    >
      <dl className="flex" data-testid="inspector-stats">
        <Cell name="Events">{f.count(totals.events)}</Cell>
        <Cell name="Model calls">{f.count(totals.modelCalls)}</Cell>
        <Cell name="Tool calls">{f.count(totals.toolCalls)}</Cell>
        <Cell name="Errors">{f.count(totals.errors)}</Cell>
        <Cell name="Tokens in / cached / out">
          {f.tokens(totals.inputTokens)} / {f.tokens(totals.cachedTokens)} / {f.tokens(totals.outputTokens)}
        </Cell>
        <Cell name="Cost">{f.dollars(totals.costMicroUsd)}</Cell>
        <Cell name="Duration">{clock(totals.durationMs)}</Cell>
      </dl>
    </ScrollRegion>
  );
}
