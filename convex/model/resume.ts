import { PERSON } from "#domain/event-people.ts";
import { isLive, MAX_QUEUED_RUNS } from "#domain/lifecycle.ts";
import type { Doc, Id } from "../_generated/dataModel";
import { refuse } from "../functions.ts";
import { takeUpTo } from "./paging.ts";
import type { SessionWriter } from "./session-writer.ts";
import { refuseTooMany } from "./sessions.ts";
import { settingsOf } from "./settings.ts";

/** Turns that an agent is told of which has lost its memory, and how much of them. */
const RECAP_RUNS = 6;
const RECAP_CHARS = 4_000;

/**
 * Has a session that has ended go on in another sandbox; of a live one nothing changes.
 * @throws session_still_saving | session_log_gone | session_archived | session_limit
 */
export async function resumeSession(writer: SessionWriter, personId: Id<"users">): Promise<boolean> {
  const { session, ctx } = writer;
  if (isLive(session.status)) return false;
  if (session.cleanupPending) throw refuse("session_still_saving");
  if (session.logRemovedAt !== undefined) throw refuse("session_log_gone");
  if (session.archivedAt !== undefined) throw refuse("session_archived");
  const settings = await settingsOf(ctx, session.organizationId);
  await refuseTooMany(ctx, session.organizationId, settings.max_live_sessions);
  writer.patch({
    sandboxId: undefined,
    acpServerId: undefined,
    networkRevision: undefined,
    agentRestart: undefined,
    activeRunId: undefined,
    errorMessage: undefined,
    stoppedAt: undefined,
    resumedAt: writer.now,
    resumedSeq: writer.stream.seq,
  });
  writer.patchStream({ cursor: null, held: undefined, holder: null, leaseUntil: 0 });
  await writer.append(
    {
      type: "session.resumed",
      source: "studio.lifecycle",
      payload: {
        resumed_by: PERSON,
        message_count: await messagesOf(writer),
        ...(session.checkpointId && { checkpoint_id: session.checkpointId }),
      },
    },
    { personId },
  );
  return await writer.move("provisioning", { waitingFor: "sandbox" });
}

const MAX_COUNTED = 200;

/** How many messages it has been sent: two hundred at most, and of long ones fewer. */
const messagesOf = async (writer: SessionWriter): Promise<number> =>
  (await lastRuns(writer, MAX_COUNTED)).length;

/** A session's runs, the latest first. A few of maximal size fill what one function may read. */
const lastRuns = async ({ ctx, session }: SessionWriter, rows: number): Promise<Doc<"runs">[]> =>
  await takeUpTo(
    ctx.db
      .query("runs")
      .withIndex("by_session", (q) => q.eq("sessionId", session._id))
      .order("desc"),
    { rows },
  );

/** What became of a resumed session's work and memory, as its server found. */
export interface Restored {
  /** What its sandbox was brought to; null where nothing was saved. */
  checkpointId: Id<"checkpoints"> | null;
  history: "kept" | "recap" | "none";
}

/** The latest turns in short, for an agent that does not remember them. */
async function recapOf(writer: SessionWriter): Promise<string> {
  const runs = await lastRuns(writer, RECAP_RUNS + MAX_QUEUED_RUNS);
  const told = runs
    // What waits is what it is to do next.
    .filter(({ status }) => status !== "pending")
    .slice(0, RECAP_RUNS)
    .toReversed()
    .map(
      ({ input, output = "(it ended without an answer)" }) => `They asked: ${input}\nYou answered: ${output}`,
    )
    .join("\n\n")
    .slice(-RECAP_CHARS);
  return `(Your memory of this conversation was lost when its sandbox was replaced. The end of it, in short:\n\n${told}\n\nThe next message is:)\n\n`;
}

/** A resumed session stands in its new sandbox. */
export async function sessionRestored(
  writer: SessionWriter,
  { checkpointId, history }: Restored,
): Promise<void> {
  const { ctx } = writer;
  const checkpoint = checkpointId && (await ctx.db.get(checkpointId));
  if (checkpoint) writer.patch({ checkpointId: checkpoint._id });
  if (history === "recap") writer.patch({ recap: await recapOf(writer) });
  await writer.append({
    type: "session.restored",
    source: "studio.lifecycle",
    payload: {
      files: checkpoint ? "restored" : "none",
      history,
      ...(checkpoint && { checkpoint_id: checkpoint._id, saved_at: checkpoint.startedAt }),
    },
  });
}
