"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { useGoOn } from "#client/go-on.ts";
import { type RunRow, useRuns } from "#client/live-runs.ts";
import { useFormat } from "#client/locale.tsx";
import { cancelRunById, rerun } from "#client/runs.ts";
import type { RunStatus } from "#domain/lifecycle.ts";
import { Ago } from "../common/ago.tsx";
import { namesOf } from "../common/payer.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Card, Empty } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import type { GlyphName } from "../ui/glyph.tsx";
import { Live } from "../ui/live.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import type { ColorRole } from "../ui/tones.ts";
import { RunDetails } from "./run-details.tsx";
import {
  filterOf,
  isNarrowed,
  NO_WISHES,
  type RunChoices,
  RunFilters,
  type RunWishes,
} from "./run-filters.tsx";

/** Every run of the organization, newest first, as they change. */
export function RunsList(props: RunChoices & { mayRun: boolean }) {
  return (
    <Live refused="Couldn't load the runs" meanwhile="they go on all the same">
      <Filtered {...props} />
    </Live>
  );
}

function Filtered({ mayRun, ...choices }: RunChoices & { mayRun: boolean }) {
  const [{ wishes, filter }, setChosen] = useState({ wishes: NO_WISHES, filter: filterOf(NO_WISHES, 0) });
  // Once for each choice: a filter whose time went on would be another list with every render.
  const choose = (next: RunWishes) => setChosen({ wishes: next, filter: filterOf(next, Date.now()) });
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <RunFilters {...choices} wishes={wishes} onChange={choose} />
      <Rows
        key={JSON.stringify(filter)}
        filter={filter}
        mayRun={mayRun}
        onClear={isNarrowed(wishes) ? () => choose(NO_WISHES) : undefined}
      />
    </div>
  );
}

const STATES: Record<RunStatus, { glyph: GlyphName; tone: ColorRole; word: string }> = {
  pending: { glyph: "waiting", tone: "neutral", word: "Queued" },
  running: { glyph: "active", tone: "accent", word: "Running" },
  completed: { glyph: "ready", tone: "success", word: "Completed" },
  failed: { glyph: "error", tone: "danger", word: "Failed" },
  cancelled: { glyph: "stopped", tone: "neutral", word: "Stopped" },
};

const firstLine = (text: string) => text.trim().split("\n", 1)[0] ?? "";
const isGoing = ({ status }: RunRow) => status === "pending" || status === "running";

function Rows({
  filter,
  mayRun,
  onClear,
}: {
  filter: Parameters<typeof useRuns>[0];
  mayRun: boolean;
  /** Where something is left out. */
  onClear: (() => void) | undefined;
}) {
  const pages = useRuns(filter);
  const { rows, loading, more } = pages;
  useGoOn(pages);
  if (rows.length === 0 && !loading && more === "none")
    return onClear ? (
      <Empty card title="No matching runs" actions={<Button onClick={onClear}>Show all</Button>}>
        Try fewer filters.
      </Empty>
    ) : (
      <Empty
        card
        title="No runs yet"
        actions={
          <ButtonLink look="primary" href="/studio">
            Start a session
          </ButtonLink>
        }
      >
        Each message to an agent is a run, and so is each call of the API that starts one.
      </Empty>
    );
  return (
    <Card>
      <DataTable
        caption="Runs, newest first"
        stack
        busy={loading}
        rows={rows}
        rowKey={({ _id }) => _id}
        columns={mayRun ? [...COLUMNS, DETAILS, ACTS] : [...COLUMNS, DETAILS]}
      />
      <MoreRows pages={pages} names={{ one: "run", other: "runs" }} />
    </Card>
  );
}

function Cost({ run }: { run: RunRow }) {
  const f = useFormat();
  return <>{f.dollars(run.totalCostMicroUsd)}</>;
}

function Took({ run: { startedAt, completedAt } }: { run: RunRow }) {
  const f = useFormat();
  return (
    <>{startedAt !== undefined && completedAt !== undefined ? f.duration(completedAt - startedAt) : "—"}</>
  );
}

const COLUMNS: Column<RunRow>[] = [
  {
    name: "Run",
    isRowName: true,
    className: "w-full max-w-0 min-w-40 max-sm:max-w-full max-sm:basis-full",
    render: ({ input, sessionId, error }) => (
      <>
        <Link
          href={`/studio/${sessionId}`}
          className="block truncate leading-6 font-medium underline-offset-3 hover:underline"
        >
          {firstLine(input)}
        </Link>
        {error !== undefined && (
          <span className="block truncate text-small font-normal text-danger">{firstLine(error)}</span>
        )}
      </>
    ),
  },
  {
    name: "Status",
    render: ({ status }) => {
      const { glyph, tone, word } = STATES[status];
      return (
        <Chip tone={tone} glyph={glyph} data-status={status}>
          {word}
        </Chip>
      );
    },
  },
  {
    name: "Agent",
    hideBelow: "lg",
    className: "max-w-[160px] truncate",
    render: ({ agentName }) => agentName ?? "—",
  },
  {
    name: "Model",
    className: "whitespace-nowrap",
    render: ({ provider, model }) =>
      provider === undefined || model === undefined ? "—" : namesOf(provider, model).model,
  },
  { name: "Cost", num: true, render: (run) => <Cost run={run} /> },
  { name: "Took", num: true, hideBelow: "lg", render: (run) => <Took run={run} /> },
  {
    name: "Asked",
    nameClass: "text-end",
    className: "text-end whitespace-nowrap text-ink-2",
    render: ({ _creationTime }) => <Ago at={_creationTime} />,
  },
];

const shortOf = ({ input }: RunRow) => firstLine(input).slice(0, 60);

const DETAILS: Column<RunRow> = {
  name: "Details",
  isNameHidden: true,
  className: "text-end whitespace-nowrap max-sm:ml-auto",
  render: (run) => <Details run={run} />,
};

function Details({ run }: { run: RunRow }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size="sm"
        look="quiet"
        aria-label={`Details of “${shortOf(run)}”`}
        onClick={() => setOpen(true)}
      >
        Details
      </Button>
      {open && <RunDetails run={run} onClose={() => setOpen(false)} />}
    </>
  );
}

const ACTS: Column<RunRow> = {
  name: "Actions",
  isNameHidden: true,
  className: "text-end whitespace-nowrap",
  render: (run) => <Acts run={run} />,
};

function Acts({ run }: { run: RunRow }) {
  const router = useRouter();
  const stop = useAction(cancelRunById, "Couldn't stop the run");
  const again = useAction(async (runId: string) => {
    router.push(`/studio/${await rerun(runId)}`);
  }, "Couldn't run it again");
  const about = shortOf(run);
  return (
    <>
      {isGoing(run) ? (
        <Button
          size="sm"
          aria-label={`Stop “${about}”`}
          action={{ pending: stop.pending, run: () => stop.run(run._id) }}
        >
          Stop
        </Button>
      ) : (
        <Button
          size="sm"
          aria-label={`Run again: “${about}”`}
          action={{ pending: again.pending, run: () => again.run(run._id) }}
        >
          Run again
        </Button>
      )}
      <ActionProblem failure={stop.failure ?? again.failure} />
    </>
  );
}
