"use client";

import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import { useFormat } from "#client/locale.tsx";
import { type InspectorRow, shownRows, type Timeline, totalsOf } from "#domain/inspector.ts";
import { Choice } from "../ui/select.tsx";
import { Icon } from "../ui/icon.tsx";
import { cn } from "../ui/cn.ts";
import { FAMILY_LOOKS } from "./families.ts";
import { StatsBar } from "./stats-bar.tsx";
import { useRows } from "./use-rows.ts";

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

const ROW_PX = 30;

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
          className="flex min-h-0 flex-col border-r border-line last:border-r-0 max-sm:min-h-[60dvh]"
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
          <Steps
            key={run.id}
            label={`Steps of run ${run.name}`}
            timeline={timeline}
            version={version}
            run={run}
            onGo={onGo}
          />
        </section>
      ))}
    </div>
  );
}

/** What a run did, each step in a line: any number of them, of which those in sight are drawn. */
function Steps({
  label,
  timeline,
  version,
  run,
  onGo,
}: {
  label: string;
  timeline: Timeline;
  version: number;
  run: RunOfLog;
  onGo: (seq: number) => void;
}) {
  const id = useId();
  const f = useFormat();
  const [wanted, setWanted] = useState(0);
  const steps = useMemo(
    () =>
      shownRows(timeline, { isGrouped: true, hidden: ["thinking", "session"] })
        .map((place) => timeline.rows[place]!)
        .filter(({ runId }) => runId === run.id),
    // oxlint-disable-next-line react/exhaustive-deps -- the timeline grows, and the version tells
    [timeline, version, run.id],
  );
  const box = useRef<HTMLDivElement>(null);
  const { first, last, topPx, block, heightPx, reveal } = useRows(steps.length, ROW_PX, box);
  const chosen = Math.min(wanted, steps.length - 1);
  const choose = (index: number) => {
    const next = Math.max(0, Math.min(index, steps.length - 1));
    setWanted(next);
    reveal(next);
  };
  const page = Math.max(1, last - first - 2);
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + page,
      PageUp: chosen - page,
      Home: 0,
      End: steps.length - 1,
    };
    const row = steps[chosen];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && row) onGo(row.seq);
    else if (moves[event.key] === undefined) return;
    else choose(moves[event.key]!);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={box}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a select draws every option of any number
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={chosen >= first && chosen < last ? `${id}-${chosen}` : undefined}
      className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
      onKeyDown={onKeyDown}
    >
      <div className="relative" style={{ height: heightPx }}>
        <div aria-hidden="true" style={{ height: topPx }} />
        <div style={block}>
          {steps.slice(first, last).map((row, offset) => {
            const index = first + offset;
            const group = row.group === null ? undefined : timeline.groups.get(row.group);
            const { icon, className } = FAMILY_LOOKS[group?.isFailed ? "error" : row.family];
            const took = group ? group.tookMs : row.tookMs;
            return (
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the list has the focus, and its keys choose
              <div
                key={row.seq}
                id={`${id}-${index}`}
                // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- of that listbox
                role="option"
                aria-selected={index === chosen}
                aria-posinset={index + 1}
                aria-setsize={steps.length}
                style={{ height: ROW_PX }}
                className="flex cursor-default items-center gap-2 border-b border-line px-3 text-small hover:bg-hover/55 aria-selected:bg-selected"
                onClick={() => onGo(row.seq)}
              >
                <Icon as={icon} size="sm" className={cn("flex-none", className)} />
                <span className="min-w-0 flex-1 truncate">{group?.what || row.what || row.type}</span>
                {took !== null && <span className="fact flex-none text-ink-3">{f.duration(took)}</span>}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
