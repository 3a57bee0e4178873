import { isLive, LIVE_STATUSES } from "#domain/lifecycle.ts";
import { internal } from "../_generated/api";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { frozenReason } from "./frozen.ts";
import { takeUpTo } from "./paging.ts";
import { demandParking } from "./parking.ts";
import { askToCancel, endSession } from "./runs.ts";
import type { SessionWriter } from "./session-writer.ts";

/** Sessions whose stop one step schedules; each is asked in a transaction of its own. */
const SESSIONS_A_STEP = 50;
const STEP_BYTES = 1024 * 1024;

const ENDED = "The operator froze the organization, so the session was stopped. Its work was saved first.";

/** Ends a session of a frozen organization whose work is saved. The caller saves the writer. */
export async function endFrozen(writer: SessionWriter): Promise<void> {
  await endSession(writer, "stopped", { reason: ENDED, ending: { status: "cancelled", message: ENDED } });
}

/**
 * Has a live session of a frozen organization stop, once a server has saved its work: what the agent does is cancelled,
 * and what it asks of people stays open. Again, it changes nothing. The caller saves the writer.
 */
export async function stopFrozen(writer: SessionWriter): Promise<void> {
  const { ctx, session } = writer;
  if (!isLive(session.status) || session.isFrozen === true) return;
  const reason = await frozenReason(ctx, session.organizationId);
  if (reason === null) return;
  // It has no work yet that is not saved.
  if (session.status === "provisioning") return await endFrozen(writer);
  writer.patch({ isFrozen: true });
  const { activeRunId } = session;
  await writer.append({
    type: "message.system",
    source: "studio.operator",
    ...(activeRunId && { runId: activeRunId }),
    payload: {
      content: `The operator froze the organization: ${reason} The session stops; its work is saved.`,
      level: "warning",
    },
  });
  if (session.status !== "active" || !activeRunId) return writer.patch({ deadlineAt: writer.now });
  if (session.waitingFor === "approval" && demandParking(writer, activeRunId)) return;
  const run = await ctx.db.get(activeRunId);
  if (run) await askToCancel(writer, run);
}

/** Schedules the stop of an organization's live sessions, some at a time. @returns whether there may be more */
export async function freezeStep(ctx: MutationCtx, organizationId: Id<"organizations">): Promise<boolean> {
  const live: Doc<"sandboxSessions">[] = [];
  for (const status of LIVE_STATUSES) {
    const rows = await takeUpTo(
      ctx.db
        .query("sandboxSessions")
        .withIndex("by_organization_status", (q) =>
          q.eq("organizationId", organizationId).eq("status", status),
        ),
      { rows: SESSIONS_A_STEP, bytes: STEP_BYTES },
    );
    live.push(...rows.filter(({ isFrozen }) => isFrozen !== true));
  }
  for (const { _id } of live)
    await ctx.scheduler.runAfter(0, internal.freezes.stopSession, { sessionId: _id });
  return live.length > 0;
}
