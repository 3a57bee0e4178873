import { paginationOptsValidator } from "convex/server";
import { v } from "convex/values";
import { type UsageGroup, usageByDay } from "../lib/domain/usage-report.ts";
import { orgQuery } from "./functions.ts";

/** As many calls are read at a time, at most: a query may not read a whole quarter of a busy organization. */
const MAX_ROWS = 2_000;

/**
 * What model calls since a moment used and cost, newest first, a page of calls at a time: each page is summed up
 * by day (UTC), model and payer. The caller asks for page after page, and adds the sums.
 */
export const page = orgQuery({
  min: "member",
  scope: "billing:read",
  args: { since: v.number(), paginationOpts: paginationOptsValidator },
  handler: async (ctx, { since, paginationOpts }) => {
    const result = await ctx.db
      .query("usageRecords")
      .withIndex("by_organization", (q) =>
        q.eq("organizationId", ctx.caller.organizationId).gte("_creationTime", since),
      )
      .order("desc")
      .paginate({ ...paginationOpts, numItems: Math.min(paginationOpts.numItems, MAX_ROWS) });
    const groups: UsageGroup[] = usageByDay(result.page.map((row) => ({ ...row, at: row._creationTime })));
    const oldest = result.page.at(-1);
    return {
      groups,
      calls: result.page.length,
      oldestAt: oldest ? Math.floor(oldest._creationTime) : null,
      isDone: result.isDone,
      continueCursor: result.continueCursor,
    };
  },
});
