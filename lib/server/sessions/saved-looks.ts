import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { compareQuery, Comparison, searchFilesResponse } from "#contracts/saved.ts";
import type { Principal } from "#domain/principal.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { compareSaved, searchSaved } from "../checkpoints/looks.ts";
import { savedTogether, savedWorkspace } from "../checkpoints/saved-workspace.ts";
import { dataFor, serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Stored = FunctionReturnType<typeof api.checkpoints.stored>[number];

/** Secrets in what was saved are no longer known, and so not hidden. */
function mayRead(caller: Caller): void {
  if (!roleAtLeast(caller.role, "member")) throw refuse("file_masked");
}

/** Where words stand in a session's files as they were last saved. @throws HttpError session_stopped | forbidden */
export async function searchSavedFiles(
  caller: Caller,
  sessionId: string,
  text: string,
): Promise<z.infer<typeof searchFilesResponse>> {
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  mayRead(caller);
  const workspace = await savedWorkspace(session.id as Id<"sandboxSessions">, session.checkpointId);
  return { savedAt: session.savedAt, ...(await searchSaved(workspace, text)) };
}

/** The checkpoints before and after a run. @throws HttpError not_found | not_ready */
async function around(
  caller: Caller,
  sessionId: string,
  runId: string,
  all: readonly Stored[],
): Promise<{ from: Stored | null; to: Stored }> {
  const run = await dataFor(caller).query(api.runs.get, { runId });
  if (run.sessionId !== sessionId) throw refuse("run_not_found");
  const { startedSeq, completedAt } = run;
  if (startedSeq === undefined || completedAt === undefined) throw refuse("turn_not_saved");
  // The latest is first.
  const to = all.findLast(({ startedAt, seq }) => startedAt >= completedAt && seq > startedSeq);
  if (!to) throw refuse("turn_not_saved");
  // How the session began may have been saved just before its first turn changed anything, after that was asked for.
  const from =
    all.find(({ seq }) => seq < startedSeq) ?? all.find(({ isStart, seq }) => isStart && seq < to.seq);
  // There may have been one that is gone.
  if (!from && all.at(-1)!.chain > 1) throw refuse("checkpoint_not_found");
  return { from: from ?? null, to };
}

function named(all: readonly Stored[], id: string): Stored {
  const found = all.find(({ checkpointId }) => checkpointId === id);
  if (!found) throw refuse("checkpoint_not_found");
  return found;
}

const shown = ({ checkpointId: id, seq, startedAt: savedAt }: Stored) => ({ id, seq, savedAt });

/**
 * What differs between two checkpoints of a session, or between those before and after one of its runs.
 * @throws HttpError not_found | not_ready | forbidden | upstream_failed
 */
export async function compareCheckpoints(
  caller: Caller,
  sessionId: string,
  { from, to, run }: z.output<typeof compareQuery>,
): Promise<Comparison> {
  const { id } = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  mayRead(caller);
  const own = id as Id<"sandboxSessions">;
  const all = await serviceData().query(api.checkpoints.stored, { sessionId: own });
  const pair =
    run === undefined
      ? { from: from === undefined ? null : named(all, from), to: named(all, to ?? "") }
      : await around(caller, id, run, all);
  const wanted = pair.from ? [pair.from, pair.to] : [pair.to];
  const workspace = await savedTogether(own, all, wanted);
  return {
    from: pair.from && shown(pair.from),
    to: shown(pair.to),
    ...(await compareSaved(workspace, pair.from && pair.from.tree)),
  };
}
