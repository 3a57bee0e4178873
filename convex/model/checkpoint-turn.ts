import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import type { SessionWriter } from "./session-writer.ts";

/** Commands of one session that may wait at a time are fewer. */
const MAX_COMMANDS = 50;

/** Whether the agent has been told of the run: until then, nothing of it can be in the files. */
async function hasBegun(ctx: MutationCtx, session: Doc<"sandboxSessions">): Promise<boolean> {
  const queued = await ctx.db
    .query("sessionCommands")
    .withIndex("by_session_status", (q) => q.eq("sessionId", session._id).eq("status", "queued"))
    .take(MAX_COMMANDS);
  return !queued.some(({ command }) => command.kind === "prompt" && command.runId === session.activeRunId);
}

/** The first run of a session that was started before turns were noted. */
const hasOldRuns = async (ctx: MutationCtx, sessionId: Id<"sandboxSessions">): Promise<boolean> =>
  (await ctx.db
    .query("runs")
    .withIndex("by_session_status", (q) => q.eq("sessionId", sessionId).eq("status", "completed"))
    .first()) !== null;

/** The last turn of a session's conversation, null before the first; undefined where it is not known. */
export async function knownTurn({ ctx, session }: SessionWriter): Promise<Id<"runs"> | null | undefined> {
  if (session.lastTurn !== undefined) return session.lastTurn;
  return (await hasOldRuns(ctx, session._id)) ? undefined : null;
}

/** The turn whose end a session shows now, null before the first; undefined while one is at work, or not known. */
export async function turnShown(writer: SessionWriter): Promise<Id<"runs"> | null | undefined> {
  const { ctx, session } = writer;
  if (session.activeRunId !== undefined && (await hasBegun(ctx, session))) return undefined;
  return await knownTurn(writer);
}

/**
 * A checkpoint is there. Where the same turn was shown from its beginning until all of it was read, it is that turn's; the
 * first of a turn is how the turn has left the files.
 * @param row `turn`: what was shown at its beginning; `isTaken`: whether it was read by the time that another turn began
 * @returns the turn that it shows, as `turnShown`
 */
export async function turnSaved(
  writer: SessionWriter,
  checkpointId: Id<"checkpoints"> | undefined,
  { turn, isTaken, cause }: Pick<Doc<"checkpoints">, "turn" | "isTaken" | "cause">,
): Promise<Id<"runs"> | null | undefined> {
  if (turn === undefined) return undefined;
  const isStill = (await knownTurn(writer)) === turn;
  if (isTaken !== true && (!isStill || (await turnShown(writer)) !== turn)) return undefined;
  // Of a session whose making was tried twice, the last is how it began.
  const isFirst = writer.session.turnCheckpointId === undefined || cause === "start";
  if (isStill && isFirst && checkpointId) writer.patch({ turnCheckpointId: checkpointId });
  return turn;
}
