import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

/** A session's room, or its place among those who wait for some; null where it has neither. */
export const slotOf = async (
  ctx: QueryCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Doc<"sandboxSlots"> | null> =>
  await ctx.db
    .query("sandboxSlots")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .unique();

/** The session no longer holds a sandbox, or waits for one. */
export async function giveRoomBack(ctx: MutationCtx, sessionId: Id<"sandboxSessions">): Promise<void> {
  const slot = await slotOf(ctx, sessionId);
  if (slot) await ctx.db.delete(slot._id);
}
