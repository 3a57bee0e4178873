"use client";

import { type Action, useAction } from "#client/action.ts";
import { resumeSession } from "#client/api.ts";
import { useOpened, useSessionState } from "./session-context.tsx";

/** Has the session go on from what was saved; undefined where the reader may not. */
export function useResume(): Action<[]> | undefined {
  const { session, disabledReason } = useOpened();
  const { reopen } = useSessionState();
  const resume = useAction(async () => {
    await resumeSession(session.id);
    reopen();
  }, "Couldn't continue the session");
  return disabledReason.drive === undefined && session.archivedAt === null ? resume : undefined;
}
