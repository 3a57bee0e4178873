"use client";

import { useCallback, useRef } from "react";
import { type Failure, useAction } from "#client/action.ts";
import { cancelRun } from "#client/api.ts";
import type { SessionView } from "#domain/session-view.ts";

/** A press that follows this soon was meant for the run before: a message that waited may have begun since. */
const AGAIN_MS = 1_000;

/** Stopping the run at work; the session and its files stay. */
export interface Interrupt {
  /** Stops it; without a run nothing happens. */
  run: () => void;
  /** There is a run to stop. */
  possible: boolean;
  /** It was asked to stop, and has not ended yet. */
  stopping: boolean;
  failure: Failure | undefined;
}

/** Stops the run that the reader sees at work, and no other. */
export function useInterrupt(sessionId: string, view: Pick<SessionView, "status" | "runs">): Interrupt {
  const last = useRef(Number.NEGATIVE_INFINITY);
  const cancel = useAction(
    async (runId: string) => await cancelRun(sessionId, runId),
    "Couldn't stop the run",
  );
  const current = view.status === "active" ? view.runs.find(({ status }) => status === "running") : undefined;
  const stopping = (cancel.pending || cancel.done) && cancel.args?.[0] === current?.id;
  const run = useCallback(() => {
    if (!current || stopping || performance.now() - last.current < AGAIN_MS) return;
    last.current = performance.now();
    cancel.run(current.id);
    // oxlint-disable-next-line react/exhaustive-deps -- another `cancel` does the same
  }, [current?.id, stopping]);
  return {
    run,
    possible: current !== undefined,
    stopping: current !== undefined && stopping,
    failure: current && cancel.failure,
  };
}
