import { PERSON } from "#domain/event-people.ts";
import { isLive, MAX_QUEUED_RUNS } from "#domain/lifecycle.ts";
import type { Doc, Id } from "../_generated/dataModel";
import { refuse } from "../functions.ts";
import { branchRecap, isFreshBranch } from "./branches.ts";
import { refuseFrozen } from "./frozen.ts";
import { refuseSandbox } from "./metering.ts";
import { takeUpTo } from "./paging.ts";
import { recapOf, TOLD } from "./recap.ts";
import type { SessionWriter } from "./session-writer.ts";
import { refuseTooMany } from "./sessions.ts";
import { settingsOf } from "./settings.ts";

/**
 * Whether a session that has ended can go on.
 * @throws session_still_saving | session_log_gone | session_archived
 */
export function refuseResume(session: Doc<"sandboxSessions">): void {
  if (session.cleanupPending) throw refuse("session_still_saving");
  if (session.logRemovedAt !== undefined) throw refuse("session_log_gone");
  if (session.archivedAt !== undefined) throw refuse("session_archived");
}

/**
 * Has a session that has ended go on in another sandbox; of a live one nothing changes.
 * @throws organization_frozen | session_still_saving | session_log_gone | session_archived | session_limit | no_credits
 */
export async function resumeSession(writer: SessionWriter, personId: Id<"users">): Promise<boolean> {
  const { session, ctx } = writer;
  if (isLive(session.status)) return false;
  // Before what passes by itself: who waited for that would only then hear of the freeze.
  await refuseFrozen(ctx, session.organizationId);
  refuseResume(session);
  const settings = await settingsOf(ctx, session.organizationId);
  await refuseTooMany(ctx, session.organizationId, settings.max_live_sessions);
  await refuseSandbox(ctx, session.organizationId);
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
async function ownRecap(writer: SessionWriter): Promise<string> {
  const runs = await lastRuns(writer, TOLD.runs + MAX_QUEUED_RUNS);
  return recapOf(
    "(Your memory of this conversation was lost when its sandbox was replaced. The end of it, in short:",
    // What waits is what it is to do next.
    runs.filter(({ status }) => status !== "pending"),
  );
}

/** A resumed session, or a branch, stands in its new sandbox. */
export async function sessionRestored(
  writer: SessionWriter,
  { checkpointId, history }: Restored,
): Promise<void> {
  const { ctx } = writer;
  const checkpoint = checkpointId && (await ctx.db.get(checkpointId));
  if (checkpoint) writer.patch({ checkpointId: checkpoint._id });
  const isBranch = await isFreshBranch(writer);
  const told = isBranch ? await branchRecap(writer, checkpoint, history === "kept") : null;
  if (told) writer.patch({ recap: told.recap });
  else if (history === "recap" && !isBranch) writer.patch({ recap: await ownRecap(writer) });
  await writer.append({
    type: "session.restored",
    source: "studio.lifecycle",
    payload: {
      files: checkpoint ? "restored" : "none",
      history: told && history === "none" ? "recap" : history,
      ...(told && { told_turns: told.turns }),
      ...(checkpoint && { checkpoint_id: checkpoint._id, saved_at: checkpoint.startedAt }),
    },
  });
}
