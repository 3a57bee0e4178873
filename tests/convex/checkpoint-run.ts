import { beforeEach } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { CheckpointCause } from "#domain/checkpoints.ts";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

/** A session's turns and checkpoints, as servers tell of them. */

let tries = 0;
let batch = 0;

/** Makes a fresh session before each test of the file that calls it, and counts its turns from the first. */
export function freshTurns(): void {
  freshSession();
  beforeEach(() => {
    batch = 0;
  });
}

/** Sends a message, and has its prompt posted. */
export async function beginTurn(message = "hi"): Promise<Id<"runs">> {
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message });
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  for (const { id } of queued)
    await db.service.mutation(api.sessionCommands.markSending, { commandId: id, generation });
  return runId;
}

/** Ends a turn. */
export async function endTurn(runId: Id<"runs">, output = ""): Promise<void> {
  batch += 1;
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch,
    cursor: batch,
    events: [],
    runEnd: { runId, ending: { status: "completed", output, stopReason: "end_turn" } },
  });
}

/** A whole turn. */
export async function turn(message?: string): Promise<Id<"runs">> {
  const runId = await beginTurn(message);
  await endTurn(runId);
  return runId;
}

/** What a sandbox tells of a checkpoint of a commit. */
export const facts = (commit: string) => ({
  commit,
  tree: `tree of ${commit}`,
  sha256: `hash of ${commit}`,
  bytes: 10,
  files: 2,
  workspaceBytes: 100,
  leftOut: [],
  leftOutCount: 0,
});

interface Save {
  cause?: CheckpointCause;
  ofRewind?: { rewindId: Id<"sessionRewinds">; generation: number };
}

/** Asks to begin a checkpoint. */
export async function askToSave({ cause = "turn", ...rest }: Save = {}) {
  tries += 1;
  const storedAs = `${sessionId}/${tries}.pack`;
  const begun = await db.service.mutation(api.checkpoints.begin, { sessionId, cause, storedAs, ...rest });
  return { storedAs, begun };
}

/** Begins a checkpoint. @throws Error where there is none to begin */
export async function beginSave(given: Save = {}) {
  const { storedAs, begun } = await askToSave(given);
  if (begun.state !== "begun") throw new Error(begun.state);
  return { storedAs, checkpointId: begun.checkpointId, previous: begun.previous };
}

/** Takes a checkpoint. @param between what happens while it is taken */
export async function save(
  commit: string,
  given: Save = {},
  between: () => Promise<unknown> = async () => undefined,
): Promise<Id<"checkpoints">> {
  const { storedAs, checkpointId, previous } = await beginSave(given);
  await between();
  const done = { storedAs, checkpointId, previous, ...facts(commit) };
  if (!(await db.service.mutation(api.checkpoints.finish, done))) throw new Error("not wanted");
  return checkpointId;
}

/** The session's log, with payloads. */
export const logOf = async () =>
  (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 500 })).events.map((event) => ({
    type: event.type,
    seq: event.seq,
    payload: JSON.parse(event.payload) as Record<string, unknown>,
  }));
