import { CHECKPOINT_LIMITS } from "#domain/checkpoints.ts";
import { isLive } from "#domain/lifecycle.ts";
import { PERSON } from "#domain/event-people.ts";
import { internal } from "../_generated/api";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { audit } from "./audit.ts";
import { forgetSaved, verifiedOf } from "./checkpoints.ts";
import { closeParked } from "./parking.ts";
import { removeFromLog } from "./retention.ts";
import { endSession } from "./runs.ts";
import { forgetAllTexts } from "./search-texts.ts";
import { importOf } from "./session-imports.ts";
import { SessionWriter } from "./session-writer.ts";

/** The row itself stays so long: model calls under way are still charged, and its sandbox is ended by it. */
export const ROW_STAYS_MS = 15 * 60_000;
/** Between looks at what still has to end outside. */
const LOOK_AGAIN_MS = 60_000;
/** Of the rows beside a session; each has few. */
const BESIDE = 200;

/** What is there of a session when it is deleted. */
export interface Deleted {
  events: number;
  checkpoints: number;
  savedBytes: number;
}

/**
 * Deletes a session: ends it, and takes it from every list, search and reader at once. What was said and done in it, and
 * what was saved, is removed in steps; what it cost stays in the books.
 */
export async function deleteSession(
  ctx: MutationCtx,
  session: Doc<"sandboxSessions">,
  personId: Id<"users">,
): Promise<Deleted> {
  const writer = await SessionWriter.open(ctx, session);
  const events = writer.stream.seq;
  const checkpoints = session.checkpointId === undefined ? [] : await verifiedOf(ctx, session._id);
  if (isLive(session.status)) {
    const message = `${PERSON} deleted the session.`;
    await endSession(writer, "stopped", {
      reason: message,
      personId,
      ending: { status: "cancelled", message, personId },
    });
  }
  await closeParked(writer);
  const now = writer.now;
  writer.patch({ deletedAt: now, logRemovedAt: session.logRemovedAt ?? now, title: "Deleted session" });
  await writer.save();
  await ctx.db.patch(session._id, { errorMessage: undefined, recap: undefined, waitDetail: undefined });
  await forgetSaved(ctx, session._id);
  await forgetAllTexts(ctx, session._id);
  // Runs first: lists across sessions read them by themselves.
  await removeFromLog(ctx, session._id);
  await ctx.scheduler.runAfter(0, internal.sessionDeletion.purge, { sessionId: session._id });
  return {
    events,
    checkpoints: Math.min(checkpoints.length, 3 * CHECKPOINT_LIMITS.chain),
    savedBytes: session.savedBytes ?? 0,
  };
}

/** What stands beside a session, other than its log. */
async function removeBeside(ctx: MutationCtx, sessionId: Id<"sandboxSessions">): Promise<void> {
  const { db } = ctx;
  const found = await Promise.all([
    db
      .query("sessionAgents")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("sessionPins")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("sessionMcpServers")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("sessionTotals")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("sessionStreams")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("sessionVariables")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("sessionRepositories")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("greenPursuits")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("networkRefusals")
      .withIndex("by_session_host", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("sessionSaves")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("sessionImports")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("supportLooks")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
    db
      .query("apiKeys")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(BESIDE),
  ]);
  for (const row of found.flat()) await db.delete(row._id);
}

/** Removes a step's worth of a deleted session, and schedules the next; at the end the session itself. */
export async function purgeStep(ctx: MutationCtx, sessionId: Id<"sandboxSessions">): Promise<void> {
  const session = await ctx.db.get(sessionId);
  if (session?.deletedAt === undefined) return;
  const again = async (afterMs: number) =>
    await ctx.scheduler.runAfter(afterMs, internal.sessionDeletion.purge, { sessionId });
  if ((await removeFromLog(ctx, sessionId)) !== null) {
    await again(0);
    return;
  }
  const stays = session.deletedAt + ROW_STAYS_MS - Date.now();
  if (stays > 0 || session.cleanupPending) {
    await again(Math.max(stays, LOOK_AGAIN_MS));
    return;
  }
  const wasThere = (await importOf(ctx, sessionId))?.state !== "abandoned";
  await removeBeside(ctx, sessionId);
  await forgetAllTexts(ctx, sessionId);
  await ctx.db.delete(sessionId);
  if (!wasThere) return;
  await audit(ctx, {
    organizationId: session.organizationId,
    actor: { kind: "system", label: "deletion" },
    action: "session.purged",
    target: sessionId,
  });
}
