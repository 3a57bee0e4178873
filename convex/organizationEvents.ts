import { v } from "convex/values";
import type { Doc, Id } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { orgQuery, serviceQuery } from "./functions.ts";
import { toWire } from "./model/events.ts";
import { Names } from "./model/people.ts";
import { takeUpTo } from "./model/paging.ts";
import { wireEvent } from "./model/returns.ts";

const PAGE = 200;

const newest = async (ctx: QueryCtx, organizationId: Id<"organizations">): Promise<number> => {
  const row: Doc<"sessionEvents"> | null = await ctx.db
    .query("sessionEvents")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .order("desc")
    .first();
  return row?._creationTime ?? 0;
};

/** Where the organization's events end now, for one who may read them. */
export const head = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: {},
  returns: v.object({ at: v.number() }),
  handler: async (ctx) => ({ at: await newest(ctx, ctx.caller.organizationId) }),
});

/** The same for a server, which follows it live. */
export const headOf = serviceQuery({
  args: { organizationId: v.id("organizations") },
  returns: v.object({ at: v.number() }),
  handler: async (ctx, { organizationId }) => ({ at: await newest(ctx, organizationId) }),
});

/**
 * A page of an organization's events from behind a time, oldest first, for a server that has checked who listens.
 * Hosted, that time is when a transaction began: an event may appear behind later ones (lib/server/stream/feed.ts).
 */
export const tail = serviceQuery({
  args: { organizationId: v.id("organizations"), after: v.number() },
  returns: v.array(v.object({ ...wireEvent.fields, at: v.number() })),
  handler: async (ctx, { organizationId, after }) => {
    const rows = await takeUpTo(
      ctx.db
        .query("sessionEvents")
        .withIndex("by_organization", (q) =>
          q.eq("organizationId", organizationId).gt("_creationTime", after),
        ),
      { rows: PAGE },
    );
    const names = new Names(ctx);
    return await Promise.all(
      rows.map(async (row) => ({ ...(await toWire(row, names)), at: row._creationTime })),
    );
  },
});
