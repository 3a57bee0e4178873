"use client";

import { useCallback, useEffect, useRef } from "react";
import { type Failure, useAction } from "#client/action.ts";
import { cancelRun } from "#client/api.ts";
import type { SessionView } from "#domain/session-view.ts";

/** A press that follows this soon was meant for the run before: a message that waited may have begun since. */
const AGAIN_MS = 1_000;
/** A run that began this short a while ago is not the one that a press was meant for. */
const NEW_MS = 600;

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
  const id = current?.id;
  const began = useRef<{ id: string | undefined; at: number }>(undefined);
  useEffect(() => {
    // The run that the page was opened with has been there for long.
    began.current = { id, at: began.current ? performance.now() : Number.NEGATIVE_INFINITY };
  }, [id]);
  const run = useCallback(() => {
    const now = performance.now();
    const again = now - last.current < AGAIN_MS;
    // Presses that do nothing count as well: hammering on it means the run that is stopping.
    last.current = now;
    const isNew = began.current?.id !== current?.id || now - (began.current?.at ?? now) < NEW_MS;
    if (!current || stopping || again || isNew) return;
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
