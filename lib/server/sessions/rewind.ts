import { api } from "#convex/_generated/api.js";
import type { BodyOf } from "#contracts/routes.ts";
import type { rewindResponse } from "#contracts/checkpoints.ts";
import { DEADLINES } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import { REWIND_LIMITS, rewindsFiles } from "#domain/rewind.ts";
import { factsOf, planOf } from "#domain/rewind-plan.ts";
import type { z } from "zod";
import { ProgramFailed } from "../checkpoints/program.ts";
import { Spoiled } from "../checkpoints/restore.ts";
import { CheckpointGone, OWN, rewindFiles } from "../checkpoints/rewind.ts";
import { savedDifferences } from "../checkpoints/saved-changes.ts";
import { savedTogether } from "../checkpoints/saved-workspace.ts";
import { dataFor, serviceData } from "../convex/client.ts";
import { startProvisioning, wakeSession } from "../engine/wake.ts";
import { CannotOpen } from "../keys/envelope.ts";
import { storeTurn } from "../checkpoints/turn-save.ts";
import { refuse } from "../http/refuse.ts";
import { log, messageOf } from "../log.ts";
import { openSandbox } from "../sandbox/sandbox.ts";

type Target = Awaited<ReturnType<typeof findTarget>>;
type Body = BodyOf<"POST /api/studio/sessions/{id}/rewind">;

/** What would change, by a look at the sandbox as it is now. */
async function look(target: Target, { overwrite, keep }: Pick<Body, "overwrite" | "keep">) {
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

/** The same of a session that has ended, by what is saved of it. */
async function lookSaved(target: Target, { overwrite, keep }: Pick<Body, "overwrite" | "keep">) {
  const { what, checkpointId, baseId, savedId, sessionId } = target;
  if (checkpointId === null || !rewindsFiles(what))
    return { counts: { added: 0, changed: 0, deleted: 0 }, listed: [], open: [], openCount: 0 };
  const all = await serviceData().query(api.checkpoints.stored, { sessionId });
  const [to, base, now] = [checkpointId, baseId, savedId].map((id) =>
    all.find((one) => one.checkpointId === id),
  );
  if (!to || !now || (baseId !== null && !base)) throw refuse("rewind_not_saved");
  const workspace = await savedTogether(sessionId, all, base ? [to, base, now] : [to, now]);
  const commits = { now: now.commit, to: to.commit, base: base?.commit ?? null };
  const differ = await savedDifferences(workspace, commits).catch((error: unknown) => {
    log("error", "checkpoints can't be compared", { sessionId, error: messageOf(error) });
    throw refuse("checkpoint_unreadable");
  });
  const plan = planOf(differ.now, differ.to, differ.base, { own: OWN, overwrite, keep });
  return factsOf(plan, REWIND_LIMITS);
}

const wantedOf = ({ runId, beforeRunId, toSeq, checkpointId, undo, what }: Body) => ({
  what,
  ...(runId !== undefined && { runId }),
  ...(beforeRunId !== undefined && { beforeRunId }),
  ...(toSeq !== undefined && { toSeq }),
  ...(checkpointId !== undefined && { checkpointId }),
  ...(undo !== undefined && { undo }),
});

type Wanted = ReturnType<typeof wantedOf>;

const findTarget = async (caller: Principal, sessionId: string, wanted: Wanted) =>
  await dataFor(caller).query(api.sessionRewinds.target, { sessionId, ...wanted });

/**
 * What a session would go back to, with how its last turn has left the files: without that, all that the turn has changed
 * would count as changed by hand.
 * @throws HttpError not_ready where that is still being saved, and what the target's query throws
 */
export async function targetOfRewind(caller: Principal, sessionId: string, wanted: Wanted): Promise<Target> {
  const target = await findTarget(caller, sessionId, wanted);
  if (!target.isLive || target.baseId !== null || !rewindsFiles(target.what)) return target;
  if (!(await storeTurn(target.sessionId))) throw refuse("turn_not_saved");
  return await findTarget(caller, sessionId, wanted);
}

/**
 * Has a session go back to an earlier turn, where it has ended in another sandbox, or says what that would change.
 * @throws HttpError session_stopped | not_ready | turn_running | not_saved | file_changed where files that somebody has
 * changed by hand are in the way, and the request names them under neither of its lists
 */
export async function rewindSession(
  caller: Principal,
  sessionId: string,
  body: Body,
): Promise<z.infer<typeof rewindResponse>> {
  const target = await targetOfRewind(caller, sessionId, wantedOf(body));
  const [found, pushes] = await Promise.all([
    (target.isLive ? look : lookSaved)(target, body),
    rewindsFiles(target.what)
      ? dataFor(caller).query(api.sessionProject.pushesAfter, { sessionId, seq: target.toSeq })
      : [],
  ]);
  const facts = {
    pushes,
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
    ...(body.takeBack !== undefined && { pushes: body.takeBack }),
    ...(body.confirm !== undefined && { confirm: body.confirm }),
  });
  if (target.isLive) wakeSession(target.sessionId);
  else startProvisioning(target.sessionId);
  return { state: "begun", ...facts };
}
