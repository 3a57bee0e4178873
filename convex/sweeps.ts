import { v } from "convex/values";
import { internal } from "./_generated/api";
import { systemMutation } from "./functions.ts";
import { boundedPage } from "./model/paging.ts";
import { removeSpent } from "./model/spent.ts";
import { retentionStep } from "./model/retention.ts";
import { letGoOfUnused } from "./model/setup.ts";

/** Organizations whose retention one step begins. */
const ORGANIZATIONS_A_STEP = 50;

/** Removes commands that are done and holds that have ended, once nobody can ask for them: a page at a time. */
export const spent = systemMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    if (await removeSpent(ctx, Date.now())) await ctx.scheduler.runAfter(0, internal.sweeps.spent, {});
    return null;
  },
});

/** Begins the retention of each organization that has set one, side by side: none waits for another's logs. */
export const retention = systemMutation({
  args: { cursor: v.nullable(v.string()) },
  returns: v.null(),
  handler: async (ctx, { cursor }) => {
    const page = await boundedPage(
      ctx.db
        .query("organizationSettings")
        .withIndex("by_retention", (q) => q.gt("session_log_retention_days", 0)),
      { cursor, rows: ORGANIZATIONS_A_STEP },
    );
    for (const { organizationId } of page.page)
      await ctx.scheduler.runAfter(0, internal.sweeps.organizationRetention, { organizationId });
    if (!page.isDone)
      await ctx.scheduler.runAfter(0, internal.sweeps.retention, { cursor: page.continueCursor });
    return null;
  },
});

/** One bounded step of an organization's retention, and the next one where there is more. */
export const organizationRetention = systemMutation({
  args: { organizationId: v.id("organizations") },
  returns: v.null(),
  handler: async (ctx, { organizationId }) => {
    if (await retentionStep(ctx, organizationId, Date.now()))
      await ctx.scheduler.runAfter(0, internal.sweeps.organizationRetention, { organizationId });
    return null;
  },
});

/** Lets go of snapshots that no session has begun with for long, some at a time; with them ends their schedule. */
export const setup = systemMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    if (await letGoOfUnused(ctx, Date.now())) await ctx.scheduler.runAfter(0, internal.sweeps.setup, {});
    return null;
  },
});
