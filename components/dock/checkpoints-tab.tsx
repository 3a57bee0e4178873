"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { asApiError } from "#client/api.ts";
import { type Checkpoint, listCheckpoints, saveCheckpoint } from "#client/checkpoints.ts";
import { useFormat } from "#client/locale.tsx";
import { plural } from "#domain/plural.ts";
import { RewindDialog } from "../session/rewind-dialog.tsx";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** What is saved of the session, the latest first, and the way back to it. */
export function CheckpointsTab() {
  const { session, disabledReason } = useOpened();
  const { view, live } = useSessionState();
  const [asked, setAsked] = useState<Checkpoint>();
  // With each checkpoint the list is another.
  const list = useInfiniteQuery({
    queryKey: ["checkpoints", session.id, view.saved?.at ?? ""],
    queryFn: async ({ pageParam }) => await listCheckpoints(session.id, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
  });
  const save = useAction(async () => {
    await saveCheckpoint(session.id);
    await list.refetch();
  }, "Couldn't save the session");
  const mayDrive = disabledReason.drive === undefined;
  const canDrive = live && mayDrive;
  const resting = view.status === "idle" || view.status === "ready";
  const rows = list.data?.pages.flatMap(({ checkpoints }) => checkpoints);
  return (
    <div>
      <div className="flex min-h-10 flex-wrap items-center gap-3 border-b border-line px-3 py-1.5 text-small text-ink-2">
        <span>Each turn is saved outside of the sandbox, and compared with what was sent.</span>
        {canDrive && (
          <Button
            size="sm"
            className="ml-auto"
            action={save}
            busy="Saving"
            off={!resting}
            title={resting ? undefined : "A turn is at work; its end is saved by itself"}
          >
            Save now
          </Button>
        )}
      </div>
      <ActionProblem failure={save.failure} />
      {list.error && !rows && (
        <Notice
          tone="error"
          title="Couldn't load the checkpoints"
          actions={<Button onClick={() => void list.refetch()}>Try again</Button>}
        >
          <p>{asApiError(list.error).message}</p>
        </Notice>
      )}
      {rows?.length === 0 && <p className="p-4 text-ink-2">Nothing is saved yet</p>}
      {rows && rows.length > 0 && (
        <ul aria-label="Checkpoints, newest first">
          {rows.map((row) => (
            <Row
              key={row.id}
              row={row}
              onRewind={mayDrive && (resting || !live) ? () => setAsked(row) : undefined}
            />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          size="sm"
          className="m-2"
          off={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {list.isFetchingNextPage ? "Loading" : "Load more"}
        </Button>
      )}
      {asked && (
        <RewindDialog
          sessionId={session.id}
          live={live}
          isProduction={session.environment === "production"}
          ask={{
            to: { checkpointId: asked.id },
            title: "Rewind to this checkpoint?",
            what: asked.betweenTurns ? "both" : "files",
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  );
}

const CAUSES: Record<Checkpoint["cause"], string> = {
  start: "session began",
  turn: "end of a turn",
  stop: "session ended",
  idle: "stopped when idle",
  asked: "saved by hand",
  work: "work by hand",
  rewind: "rewind",
};

function Row({ row, onRewind }: { row: Checkpoint; onRewind: (() => void) | undefined }) {
  const f = useFormat();
  const { view } = useSessionState();
  const turn = view.runs.findIndex(({ id }) => id === row.runId) + 1;
  const place = !row.betweenTurns ? "During a turn" : turn > 0 ? `Turn ${turn}` : "Before the first turn";
  return (
    <li className="group/entry flex min-h-[34px] flex-wrap items-center gap-x-3 border-b border-line px-3 py-1 text-small">
      <span className="fact">{f.exact(row.createdAt)}</span>
      <span className="min-w-0 flex-1 truncate">
        {place}, {CAUSES[row.cause]}
      </span>
      <span className="fact text-ink-2">
        {row.files} {plural(row.files, "file", "files")}, {f.bytes(row.sizeBytes)}
      </span>
      {row.leftOut > 0 && <span className="text-warning">{row.leftOut} left out</span>}
      <span className="text-success" title={f.exact(row.verifiedAt)}>
        Verified
      </span>
      {onRewind && (
        <Button
          size="sm"
          look="quiet"
          aria-label={`Rewind to the checkpoint of ${f.exact(row.createdAt)}`}
          onClick={onRewind}
        >
          Rewind
        </Button>
      )}
    </li>
  );
}
