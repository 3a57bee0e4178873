import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

/** The webhook of a run; null where nobody is told of its end. */
export async function webhookOf(
  ctx: QueryCtx | MutationCtx,
  runId: Id<"runs">,
): Promise<Doc<"runWebhooks"> | null> {
  return await ctx.db
    .query("runWebhooks")
    .withIndex("by_run", (q) => q.eq("runId", runId))
    .unique();
}

/** A run has ended: its webhook is to be told, from this transaction on. */
export async function tellEnd(ctx: MutationCtx, runId: Id<"runs">, now: number): Promise<void> {
  const row = await webhookOf(ctx, runId);
  if (row?.status === "waiting") await ctx.db.patch(row._id, { status: "due", dueAt: now });
}
