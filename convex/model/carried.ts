import type { PayloadOf } from "#domain/events.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import type { SessionWriter } from "./session-writer.ts";

const MAX_ROWS = 100;

/** What a stored question asks leave for, as one text that two of the same have in common; null where it is not known. */
async function askedText(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
  seq: number | undefined,
): Promise<string | null> {
  if (seq === undefined) return null;
  const event = await ctx.db
    .query("sessionEvents")
    .withIndex("by_session_seq", (q) => q.eq("sessionId", sessionId).eq("seq", seq))
    .unique();
  if (!event) return null;
  const { tool, kind, request, diff, diffs, notes } = JSON.parse(
    event.payload,
  ) as PayloadOf<"approval.requested">;
  return JSON.stringify([tool, kind, request, diff ?? null, diffs ?? null, notes ?? null]);
}

/**
 * The answer that a person gave to the very same request while the session was parked, with all that it would change.
 * It counts once. @param seq the event of the request that comes now
 */
export async function carriedAnswer(
  writer: SessionWriter,
  runId: Id<"runs">,
  seq: number,
): Promise<Doc<"approvals"> | null> {
  const rows = await writer.ctx.db
    .query("approvals")
    .withIndex("by_run_parked", (q) => q.eq("runId", runId).gt("parkedAt", 0))
    .order("desc")
    .take(MAX_ROWS);
  const { _id: sessionId } = writer.session;
  let now: string | null | undefined;
  for (const row of rows) {
    if (row.isCarried !== true || row.decision !== "approved") continue;
    now ??= await askedText(writer.ctx, sessionId, seq);
    if (now === null || (await askedText(writer.ctx, sessionId, row.seq)) !== now) continue;
    await writer.ctx.db.patch(row._id, { isCarried: undefined });
    return row;
  }
  return null;
}
