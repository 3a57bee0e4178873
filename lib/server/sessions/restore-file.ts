import { posix } from "node:path";
import { api } from "#convex/_generated/api.js";
import type { restoreBody, restoreResponse } from "#contracts/checkpoints.ts";
import { DEADLINES } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { ProgramFailed } from "../checkpoints/program.ts";
import { Spoiled } from "../checkpoints/restore.ts";
import { CheckpointGone, rewindFiles } from "../checkpoints/rewind.ts";
import { actorOf, serviceData } from "../convex/client.ts";
import { CannotOpen } from "../keys/envelope.ts";
import { refuse } from "../http/refuse.ts";
import { inWorkspace, WORKSPACE } from "../sandbox/paths.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import { targetOfRewind } from "./rewind.ts";

/**
 * Brings one file of a live workspace to what a checkpoint has of it.
 * @throws HttpError not_found | session_stopped | turn_running | file_changed where somebody has changed it by hand, and
 * the request does not say that it may be replaced | path_unusable where something else stands there
 */
export async function restoreFile(
  caller: Exclude<Principal, { kind: "service" }>,
  sessionId: string,
  checkpointId: string,
  { path, overwrite }: z.output<typeof restoreBody>,
): Promise<z.infer<typeof restoreResponse>> {
  const only = posix.relative(WORKSPACE, inWorkspace(path));
  // It holds the keys that the sandbox's tools use.
  if (only === ".env") throw refuse("env_file_hidden");
  const target = await targetOfRewind(caller, sessionId, { what: "files", checkpointId });
  if (!target.isLive) throw refuse("restore_ended");
  const sandbox = await openSandbox(target.sandboxId, target.idleTimeoutMs + DEADLINES.sandboxGraceMs);
  const found = await rewindFiles(sandbox, target.sessionId, {
    what: "files",
    checkpointId: target.checkpointId,
    baseId: target.baseId,
    safetyId: null,
    overwrite: overwrite ? [only] : [],
    keep: [],
    only,
  }).catch((error: unknown) => {
    if (error instanceof CheckpointGone) throw refuse("rewind_not_saved");
    if (error instanceof ProgramFailed && error.kind === "no_file") throw refuse("file_not_found");
    if (error instanceof Spoiled || error instanceof CannotOpen || error instanceof ProgramFailed)
      throw refuse("checkpoint_unreadable");
    throw error;
  });
  if (found.openCount > 0) throw refuse("restore_by_hand");
  if (found.kept.length > 0) throw refuse("path_unusable");
  const change = found.listed[0]?.change;
  if (change === undefined || change === "deleted") return { path: only, change: "unchanged" };
  const actor = actorOf(caller);
  await serviceData().mutation(api.workspaceFiles.changed, { actor, sessionId, path: only });
  return { path: only, change };
}
