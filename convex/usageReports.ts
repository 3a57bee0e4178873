import { paginationOptsValidator } from "convex/server";
import { v } from "convex/values";
import { LIMITS, pageLimit } from "../lib/domain/limits.ts";
import { type UsageGroup, usageByDay } from "../lib/domain/usage-report.ts";
import type { Id } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { orgQuery } from "./functions.ts";
import { usageGroup } from "./model/returns.ts";

/** As many calls are read at a time, at most: a query may not read a whole quarter of a busy organization. */
const MAX_ROWS = 2_000;

/** How the people are called whose calls these are. */
async function namesOf(ctx: QueryCtx, rows: readonly { userId?: Id<"users"> }[]) {
  const ids = new Set(rows.flatMap(({ userId }) => (userId ? [userId] : [])));
  return await Promise.all(
    [...ids].map(async (userId) => ({ userId, name: (await ctx.db.get(userId))?.name ?? "" })),
  );
}

/**
 * What model calls since a moment used and cost, newest first, a page of calls at a time: each page is summed up
 * by day (UTC), model and payer, and by the person who sent the message where asked for (`by`). The caller asks for page after page, and adds the sums.
 */
export const page = orgQuery({
  min: "member",
  scope: "billing:read",
  bounds: { since: LIMITS.moment, paginationOpts: pageLimit(MAX_ROWS) },
  args: {
    since: v.number(),
    by: v.optional(v.literal("member")),
    paginationOpts: paginationOptsValidator,
  },
  returns: v.object({
    groups: v.array(usageGroup),
    people: v.array(v.object({ userId: v.id("users"), name: v.string() })),
    calls: v.number(),
    oldestAt: v.nullable(v.number()),
    isDone: v.boolean(),
    continueCursor: v.string(),
  }),
  handler: async (ctx, { since, by, paginationOpts }) => {
    const result = await ctx.db
      .query("usageRecords")
      .withIndex("by_organization", (q) =>
        q.eq("organizationId", ctx.caller.organizationId).gte("_creationTime", since),
      )
      .order("desc")
      .paginate(paginationOpts);
    const groups: UsageGroup[] = usageByDay(
      result.page.map((row) => ({ ...row, at: row._creationTime })),
      by === "member",
    );
    const oldest = result.page.at(-1);
    return {
      groups,
      people: by === "member" ? await namesOf(ctx, result.page) : [],
      calls: result.page.length,
      oldestAt: oldest ? Math.floor(oldest._creationTime) : null,
      isDone: result.isDone,
      continueCursor: result.continueCursor,
    };
  },
});
