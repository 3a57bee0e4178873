import { v } from "convex/values";
import type { Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import { dataKey } from "./data-keys.ts";

/** A key of an organization's checkpoints, wrapped by the operator's key of that version. */
export const packKey = v.object({ id: v.id("checkpointKeys"), ...dataKey.fields });

/** The key that an organization's next checkpoint is sealed with; null where it has none yet. */
export async function latestKeyOf(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
): Promise<typeof packKey.type | null> {
  const row = await ctx.db
    .query("checkpointKeys")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .order("desc")
    .first();
  return row && { id: row._id, wrapped: row.wrapped, kekVersion: row.kekVersion };
}
