"use client";

import { ArrowDown, ArrowUp } from "lucide-react";
import { listEvents } from "#client/api.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import type { InspectorRow, Timeline } from "#domain/inspector.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { Icon } from "../ui/icon.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";

const MAX_MEMBERS = 50;

/** One event, whole, with what belongs to it. */
export function EventDetail({
  sessionId,
  timeline,
  row,
  onStep,
  onGo,
}: {
  sessionId: string;
  timeline: Timeline;
  row: InspectorRow;
  onStep: (by: 1 | -1) => void;
  onGo: (seq: number) => void;
}) {
  const f = useFormat();
  const event = useResource(["event", sessionId, row.seq], async () => {
    const { events } = await listEvents(sessionId, row.seq - 1, 1);
    return events.find(({ seq }) => seq === row.seq) ?? null;
  });
  const members =
    row.group === null
      ? []
      : timeline.rows
          .filter(({ group, seq }) => group === row.group && seq !== row.seq)
          .slice(0, MAX_MEMBERS);
  const address = `${typeof location === "undefined" ? "" : location.href.split("#")[0]}#e${row.seq}`;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3 p-4" data-testid="event-detail">
      <div className="flex items-center gap-2">
        <h2 className="text-title">
          Event <span className="fact">{row.seq}</span>
        </h2>
        <span className="ml-auto flex gap-1">
          <Button look="quiet" size="sm" icon aria-label="Previous event" onClick={() => onStep(-1)}>
            <Icon as={ArrowUp} size="sm" />
          </Button>
          <Button look="quiet" size="sm" icon aria-label="Next event" onClick={() => onStep(1)}>
            <Icon as={ArrowDown} size="sm" />
          </Button>
          <CopyButton small quiet text={address} label="a link to this event" />
        </span>
      </div>
      <Facts>
        <Fact name="Type">
          <span className="fact">{row.type}</span>
        </Fact>
        <Fact name="At">{f.exact(row.at)}</Fact>
        {row.runId !== null && (
          <Fact name="Run">
            <span className="fact">{row.runId}</span>
          </Fact>
        )}
        {row.tookMs !== null && <Fact name="Took">{f.duration(row.tookMs)}</Fact>}
        {row.costMicroUsd !== null && <Fact name="Cost">{f.dollars(row.costMicroUsd)}</Fact>}
        {row.type === "usage.recorded" && (
          <Fact name="Tokens">
            {f.count(row.inputTokens)} in, {f.count(row.cachedTokens)} cached, {f.count(row.outputTokens)} out
          </Fact>
        )}
      </Facts>
      {members.length > 0 && (
        <div>
          <h3 className="label mb-1">Belongs to it</h3>
          <ul className="grid gap-0.5 text-small">
            {members.map(({ seq, type }) => (
              <li key={seq}>
                <button type="button" className="link" onClick={() => onGo(seq)}>
                  <span className="fact">{seq}</span> {type}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      <Loaded
        resource={event}
        loading={<Loading>Loading the event</Loading>}
        failed="Couldn't load the event"
      >
        {(found) => {
          const json = JSON.stringify(found, null, 2);
          return (
            <div>
              <div className="mb-1 flex items-center gap-2">
                <h3 className="label">JSON</h3>
                <CopyButton small quiet className="ml-auto" text={json} label="this event as JSON" />
              </div>
              <ScrollRegion
                label="The event as JSON"
                landmark={false}
                className="max-h-[60dvh] overflow-auto rounded-sm border border-line bg-sunken p-2 font-mono text-[11px] leading-[16px] wrap-anywhere whitespace-pre-wrap"
              >
                {json}
              </ScrollRegion>
            </div>
          );
        }}
      </Loaded>
    </div>
  );
}
