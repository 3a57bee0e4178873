import type { Doc } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";

export const HOUR_MS = 3_600_000;
const MAX_KIND_CHARS = 60;

/** Counts a run or a session that has failed, for the operator: in the transaction that ends it. */
export async function countFailure(
  ctx: MutationCtx,
  of: Doc<"failureCounts">["of"],
  errorKind: string,
): Promise<void> {
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const kind = errorKind.slice(0, MAX_KIND_CHARS);
  const known = await ctx.db
    .query("failureCounts")
    .withIndex("by_hour", (q) => q.eq("hour", hour).eq("of", of).eq("kind", kind))
    .unique();
  if (known) await ctx.db.patch(known._id, { count: known.count + 1 });
  else await ctx.db.insert("failureCounts", { hour, of, kind, count: 1 });
}
