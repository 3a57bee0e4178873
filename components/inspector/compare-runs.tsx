"use client";

import { useMemo, useState } from "react";
import { useFormat } from "#client/locale.tsx";
import { type InspectorRow, shownRows, type Timeline, totalsOf } from "#domain/inspector.ts";
import { Choice } from "../ui/select.tsx";
import { Icon } from "../ui/icon.tsx";
import { cn } from "../ui/cn.ts";
import { FAMILY_LOOKS } from "./families.ts";
import { StatsBar } from "./stats-bar.tsx";

interface RunOfLog {
  id: string;
  name: string;
  rows: readonly InspectorRow[];
}

/** The runs of a timeline, in their order, each with its events. */
function runsOf({ rows }: Timeline): RunOfLog[] {
  const byRun = Map.groupBy(
    rows.filter(({ runId }) => runId !== null),
    ({ runId }) => runId ?? "",
  );
  return [...byRun].map(([id, own], index) => {
    const asked = own.find(({ type }) => type === "message.user" || type === "run.started")?.what ?? "";
    return { id, name: `${index + 1}: ${asked.slice(0, 60) || id}`, rows: own };
  });
}

const MAX_LINES = 2_000;

/** Two runs of a session beside each other: what each came to, and what each did, step by step. */
export function CompareRuns({
  timeline,
  version,
  onGo,
}: {
  timeline: Timeline;
  version: number;
  onGo: (seq: number) => void;
}) {
  // oxlint-disable-next-line react/exhaustive-deps -- the timeline grows, and the version tells
  const runs = useMemo(() => runsOf(timeline), [timeline, version]);
  const [chosen, setChosen] = useState<{ left?: string; right?: string }>({});
  const last = runs.at(-1)?.id;
  const left = runs.find(({ id }) => id === (chosen.left ?? runs.at(-2)?.id ?? last));
  const right = runs.find(({ id }) => id === (chosen.right ?? last));
  if (!left || !right) return <p className="p-4 text-ink-2">This session has no runs yet.</p>;
  const options = runs.map(({ id, name }) => ({ value: id, name }));
  return (
    <div className="grid min-h-0 flex-1 grid-cols-2 overflow-hidden max-sm:grid-cols-1 max-sm:overflow-auto">
      {(
        [
          { side: "left", run: left },
          { side: "right", run: right },
        ] as const
      ).map(({ side, run }) => (
        <section
          key={side}
          aria-label={side === "left" ? "First run" : "Second run"}
          className="flex min-h-0 flex-col border-r border-line last:border-r-0"
        >
          <div className="flex-none p-2">
            <Choice
              label={side === "left" ? "First run" : "Second run"}
              hidden
              value={run.id}
              options={options}
              onChange={(id) => setChosen({ ...chosen, [side]: id })}
            />
          </div>
          <StatsBar totals={totalsOf(run.rows)} label={`What run ${run.name} came to`} />
          <Steps timeline={timeline} version={version} run={run} onGo={onGo} />
        </section>
      ))}
    </div>
  );
}

function Steps({
  timeline,
  version,
  run,
  onGo,
}: {
  timeline: Timeline;
  version: number;
  run: RunOfLog;
  onGo: (seq: number) => void;
}) {
  const f = useFormat();
  const steps = useMemo(
    () =>
      shownRows(timeline, { isGrouped: true, hidden: ["thinking", "session"] })
        .map((place) => timeline.rows[place]!)
        .filter(({ runId }) => runId === run.id),
    // oxlint-disable-next-line react/exhaustive-deps -- the timeline grows, and the version tells
    [timeline, version, run.id],
  );
  return (
    <ol className="min-h-0 flex-1 overflow-auto">
      {steps.slice(0, MAX_LINES).map((row) => {
        const group = row.group === null ? undefined : timeline.groups.get(row.group);
        const { icon, className } = FAMILY_LOOKS[group?.isFailed ? "error" : row.family];
        const took = group ? group.tookMs : row.tookMs;
        return (
          <li key={row.seq} className="border-b border-line">
            <button
              type="button"
              className="flex min-h-[30px] w-full items-center gap-2 px-3 text-start text-small hover:bg-hover focus-visible:-outline-offset-2 touch:min-h-11"
              onClick={() => onGo(row.seq)}
            >
              <Icon as={icon} size="sm" className={cn("flex-none", className)} />
              <span className="min-w-0 flex-1 truncate">{group?.what || row.what || row.type}</span>
              {took !== null && <span className="fact flex-none text-ink-3">{f.duration(took)}</span>}
            </button>
          </li>
        );
      })}
      {steps.length > MAX_LINES && (
        <li className="px-3 py-2 text-small text-ink-3">
          {f.count(steps.length - MAX_LINES)} more; narrow them down in the timeline.
        </li>
      )}
    </ol>
  );
}
