import { api } from "#convex/_generated/api.js";
import type { BodyOf } from "#contracts/routes.ts";
import type { rewindResponse } from "#contracts/checkpoints.ts";
import { DEADLINES } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import { rewindsFiles } from "#domain/rewind.ts";
import type { z } from "zod";
import { ProgramFailed } from "../checkpoints/program.ts";
import { Spoiled } from "../checkpoints/restore.ts";
import { CheckpointGone, rewindFiles } from "../checkpoints/rewind.ts";
import { dataFor } from "../convex/client.ts";
import { wakeSession } from "../engine/wake.ts";
import { CannotOpen } from "../keys/envelope.ts";
import { saveTurnFirst } from "../checkpoints/turn-save.ts";
import { refuse } from "../http/refuse.ts";
import { openSandbox } from "../sandbox/sandbox.ts";

type Body = BodyOf<"POST /api/studio/sessions/{id}/rewind">;

/** What would change, by a look at the sandbox as it is now. */
async function look(
  target: Awaited<ReturnType<typeof findTarget>>,
  { overwrite, keep }: Pick<Body, "overwrite" | "keep">,
) {
  const { what, checkpointId, baseId, sessionId } = target;
  const sandbox = await openSandbox(target.sandboxId, target.idleTimeoutMs + DEADLINES.sandboxGraceMs);
  try {
    return await rewindFiles(sandbox, sessionId, {
      what: what === "conversation" ? what : "files",
      checkpointId,
      baseId,
      safetyId: null,
      overwrite,
      keep,
    });
  } catch (error) {
    if (error instanceof CheckpointGone) throw refuse("rewind_not_saved");
    if (error instanceof Spoiled || error instanceof CannotOpen || error instanceof ProgramFailed)
      throw refuse("checkpoint_unreadable");
    throw error;
  }
}

const wantedOf = ({ runId, beforeRunId, toSeq, checkpointId, undo, what }: Body) => ({
  what,
  ...(runId !== undefined && { runId }),
  ...(beforeRunId !== undefined && { beforeRunId }),
  ...(toSeq !== undefined && { toSeq }),
  ...(checkpointId !== undefined && { checkpointId }),
  ...(undo !== undefined && { undo }),
});

const findTarget = async (caller: Principal, sessionId: string, body: Body) =>
  await dataFor(caller).query(api.sessionRewinds.target, { sessionId, ...wantedOf(body) });

/**
 * Has a session go back to an earlier turn, or says what that would change.
 * @throws HttpError session_stopped | not_ready | turn_running | not_saved | file_changed where files that somebody has
 * changed by hand are in the way, and the request names them under neither of its lists
 */
export async function rewindSession(
  caller: Principal,
  sessionId: string,
  body: Body,
): Promise<z.infer<typeof rewindResponse>> {
  let target = await findTarget(caller, sessionId, body);
  if (target.baseId === null && rewindsFiles(target.what)) {
    // What the last turn has left is known once that is saved.
    await saveTurnFirst(target.sessionId);
    target = await findTarget(caller, sessionId, body);
  }
  const found = await look(target, body);
  const facts = {
    what: target.what,
    runId: target.runId,
    toSeq: target.toSeq,
    checkpointId: target.checkpointId,
    counts: found.counts,
    files: found.listed,
    openCount: found.openCount,
  };
  if (body.preview) return { state: "preview", ...facts };
  if (found.openCount > 0) throw refuse("rewind_by_hand", { count: found.openCount, paths: found.open });
  const { overwrite, keep } = body;
  await dataFor(caller).mutation(api.sessionRewinds.start, {
    sessionId,
    ...wantedOf(body),
    overwrite,
    keep,
  });
  wakeSession(target.sessionId);
  return { state: "begun", ...facts };
}
