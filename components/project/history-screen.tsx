"use client";

import Link from "next/link";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import {
  type ChangedRow,
  parsedDefinition,
  type PushRow,
  undoProjectChange,
  useChanged,
  useProjectPushes,
} from "#client/project.ts";
import type { Environment } from "#domain/catalog.ts";
import { threeWay } from "#domain/project/difference.ts";
import { KIND_NAMES } from "#domain/project/kinds.ts";
import { Ago } from "../common/ago.tsx";
import { PageHead } from "../settings/page-head.tsx";
import { ViewOnly } from "../settings/view-only.tsx";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Live } from "../ui/live.tsx";
import { Loading } from "../ui/loaded.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Differences, ThreeWayTable } from "./differences.tsx";
import { definitionHref } from "./sections.ts";
import { authorText, sourceText } from "./words.ts";

interface Shown {
  environment: Environment;
  disabledReason: string | undefined;
}

/** Every change of an environment, and the way to take each back. */
export function HistoryScreen(props: Shown) {
  const head = (
    <PageHead title="History">
      Every change of {props.environment}: who made it, from where, and what it changed.
    </PageHead>
  );
  return (
    <Live refused="Couldn't load the history" meanwhile="the project is kept" head={head}>
      {head}
      <List {...props} />
    </Live>
  );
}

function List({ environment, disabledReason }: Shown) {
  const pages = useProjectPushes(environment);
  const [asked, setAsked] = useState<PushRow>();
  const undo = useAction(
    async (revision: number) => await undoProjectChange(environment, revision),
    (revision) => `Couldn't take change ${revision} back`,
  );
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <ViewOnly why={disabledReason} />
      <Card aria-labelledby="changes">
        <CardHead id="changes" title="Changes" />
        <div className="empty:hidden [&>*]:m-3">
          <ActionProblem failure={undo.failure} />
        </div>
        <ol aria-label="Changes, the last one first" aria-busy={pages.loading}>
          {pages.rows.map((push) => (
            <Change
              key={push.revision}
              environment={environment}
              push={push}
              pending={undo.pending}
              startsOpen={undo.failure !== undefined && undo.args?.[0] === push.revision}
              onUndo={
                disabledReason === undefined && push.source !== "start" && push.undoneBy === null
                  ? () => setAsked(push)
                  : undefined
              }
            />
          ))}
        </ol>
        <MoreRows pages={pages} names={{ one: "change", other: "changes" }} />
      </Card>
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Take change ${asked?.revision ?? ""} back?`}
        confirm="Take it back"
        cancel="Cancel"
        typed={environment === "production" ? "production" : undefined}
        onConfirm={() => asked && undo.run(asked.revision)}
      >
        What it changed becomes again what it was before, in {environment}, as a new change. Where one of its
        definitions has changed since, nothing happens.
      </Confirm>
    </div>
  );
}

const countsText = ({ created, updated, deleted }: PushRow): string =>
  [
    created > 0 && `${created} created`,
    updated > 0 && `${updated} updated`,
    deleted > 0 && `${deleted} deleted`,
  ]
    .filter((part) => part !== false)
    .join(", ");

function Change({
  environment,
  push,
  pending,
  startsOpen,
  onUndo,
}: {
  environment: Environment;
  push: PushRow;
  pending: boolean;
  startsOpen: boolean;
  onUndo: (() => void) | undefined;
}) {
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen || startsOpen;
  return (
    <li className="border-b border-line px-3.5 py-2" data-revision={push.revision}>
      <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <span className="font-medium">Change {push.revision}</span>
        <span className="text-small text-ink-2">{countsText(push)}</span>
        {push.undoes !== null && (
          <span className="text-small text-ink-2">took change {push.undoes} back</span>
        )}
        {push.undoneBy !== null && <Chip>taken back by {push.undoneBy}</Chip>}
        <span className="text-small text-ink-3">
          {authorText(push.authorName)}, {sourceText(push.source)}, <Ago at={push.at} />
        </span>
        {onUndo && (
          <Button
            size="sm"
            className="ml-auto"
            aria-label={`Take back change ${push.revision}`}
            action={{ pending, run: onUndo }}
          >
            Take back
          </Button>
        )}
      </div>
      <details className="mt-0.5" open={shown} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className="w-fit cursor-pointer text-small text-ink-2">What it changed</summary>
        {shown && <Changed environment={environment} revision={push.revision} />}
      </details>
    </li>
  );
}

function Changed({ environment, revision }: { environment: Environment; revision: number }) {
  const pages = useChanged(environment, revision);
  if (pages.loading) return <Loading className="mt-2">Loading the change</Loading>;
  return (
    <div className="mt-2 grid grid-cols-[minmax(0,1fr)] gap-3">
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {pages.rows.map((row) => (
          <li key={`${row.kind} ${row.slug}`} className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
            <p>
              {KIND_NAMES[row.kind]}{" "}
              <Link
                className="link fact wrap-anywhere"
                href={definitionHref(environment, row.kind, row.slug)}
              >
                {row.slug}
              </Link>
            </p>
            {row.beforeLost ? (
              <p className="text-small text-ink-2">What it was before is no longer kept.</p>
            ) : (
              <Differences before={row.before} after={row.after} />
            )}
            {row.since && <Since row={row} />}
          </li>
        ))}
      </ul>
      {pages.more !== "none" && (
        <MoreRows pages={pages} names={{ one: "definition", other: "definitions" }} />
      )}
    </div>
  );
}

/** What taking it back would undo, and what somebody has changed since: why it can't be taken back as a whole. */
function Since({ row }: { row: ChangedRow }) {
  const now = row.since?.definition ?? null;
  return (
    <Notice
      tone="warning"
      title={
        now === null
          ? "It was deleted since"
          : "It changed again since, so this change can't be taken back as a whole"
      }
    >
      {now !== null && row.after !== null && (
        <ThreeWayTable
          fields={threeWay(parsedDefinition(row.after), parsedDefinition(row.before), parsedDefinition(now))}
          names={{ ours: "Taken back", theirs: "Now" }}
        />
      )}
    </Notice>
  );
}
