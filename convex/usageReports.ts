import { paginationOptsValidator } from "convex/server";
import { v } from "convex/values";
import { LIMITS, pageLimit } from "#domain/limits.ts";
import { refundsByDay } from "#domain/refunds.ts";
import { addGroups, addSums, NO_USAGE, type UsageGroup, type UsageSum } from "#domain/usage-report.ts";
import type { Doc, Id } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { orgQuery } from "./functions.ts";
import { agentOf } from "./model/agents.ts";
import { takeUpTo } from "./model/paging.ts";
import { usageGroup } from "./model/returns.ts";
import { sessionOf } from "./model/sessions.ts";
import { countedApart, spent } from "./model/values.ts";

/** As many roll-ups are read at a time, at most. */
const MAX_ROWS = 2_000;

/** How the people are called whose calls these are. */
async function namesOf(ctx: QueryCtx, rows: readonly { userId?: Id<"users"> }[]) {
  const ids = new Set(rows.flatMap(({ userId }) => (userId ? [userId] : [])));
  return await Promise.all(
    [...ids].map(async (userId) => ({ userId, name: (await ctx.db.get(userId))?.name ?? "" })),
  );
}

function groupOf(row: Doc<"usageDaily">, byMember: boolean): UsageGroup {
  const { day, provider, model, keySource, userId } = row;
  return {
    day,
    provider,
    model,
    keySource,
    ...(byMember && { userId: userId ?? null }),
    ...addSums(row, NO_USAGE),
  };
}

/**
 * What model calls since a day used and cost, newest first, a page of daily roll-ups at a time, by day (UTC), model
 * and payer, and by the person who sent the message where asked for (`by`); of one session alone where it is named.
 * The caller asks for page after page, and adds the sums: a day may go on in the next page.
 */
export const page = orgQuery({
  min: "member",
  scope: "billing:read",
  bounds: { from: LIMITS.day, paginationOpts: pageLimit(MAX_ROWS) },
  args: {
    /** `2026-11-20`. */
    from: v.string(),
    by: v.optional(v.literal("member")),
    sessionId: v.optional(v.string()),
    paginationOpts: paginationOptsValidator,
  },
  returns: v.object({
    groups: v.array(usageGroup),
    people: v.array(v.object({ userId: v.id("users"), name: v.string() })),
    /** The last day that was read of, which the next page may go on with; null where there is none. */
    oldestDay: v.nullable(v.string()),
    isDone: v.boolean(),
    continueCursor: v.string(),
  }),
  handler: async (ctx, { from, by, sessionId: named, paginationOpts }) => {
    const session = named === undefined ? undefined : (await sessionOf(ctx, ctx.caller, named))._id;
    const result = await ctx.db
      .query("usageDaily")
      .withIndex("by_group", (q) =>
        q.eq("organizationId", ctx.caller.organizationId).eq("sessionId", session).gte("day", from),
      )
      .order("desc")
      .paginate(paginationOpts);
    return {
      groups: addGroups(result.page.map((row) => groupOf(row, by === "member"))),
      people: by === "member" ? await namesOf(ctx, result.page) : [],
      oldestDay: result.page.at(-1)?.day ?? null,
      isDone: result.isDone,
      continueCursor: result.continueCursor,
    };
  },
});

const partKind = v.union(v.literal("session"), v.literal("agent"));

/**
 * What each session, or each agent's runs, used and cost since a day, a page of daily roll-ups at a time. The caller asks
 * for page after page, and adds the sums of the same id. Calls that no session or agent had made are not among them.
 */
export const parts = orgQuery({
  min: "member",
  scope: "billing:read",
  bounds: { from: LIMITS.day, paginationOpts: pageLimit(MAX_ROWS) },
  args: { from: v.string(), of: partKind, paginationOpts: paginationOptsValidator },
  returns: v.object({
    parts: v.array(v.object({ id: v.string(), calls: v.number(), ...spent, ...countedApart })),
    isDone: v.boolean(),
    continueCursor: v.string(),
  }),
  handler: async (ctx, { from, of, paginationOpts }) => {
    const { organizationId } = ctx.caller;
    const { page: rows, ...place } =
      of === "agent"
        ? await ctx.db
            .query("agentDaily")
            .withIndex("by_day", (q) => q.eq("organizationId", organizationId).gte("day", from))
            .order("desc")
            .paginate(paginationOpts)
        : await ctx.db
            .query("usageDaily")
            .withIndex("by_day", (q) => q.eq("organizationId", organizationId).gte("day", from))
            .order("desc")
            .paginate(paginationOpts);
    const sums = new Map<string, UsageSum>();
    for (const row of rows) {
      const id = "agentId" in row ? row.agentId : row.sessionId;
      if (id !== undefined) sums.set(id, addSums(sums.get(id) ?? NO_USAGE, row));
    }
    const { isDone, continueCursor } = place;
    return { parts: [...sums].map(([id, sum]) => ({ id, ...sum })), isDone, continueCursor };
  },
});

/** How sessions or agents of the organization are called, at most 100 at a time; those that there are no longer are left out. */
export const names = orgQuery({
  min: "member",
  scope: "billing:read",
  args: { of: partKind, ids: v.array(v.string()) },
  returns: v.array(v.object({ id: v.string(), name: v.string() })),
  handler: async (ctx, { of, ids }) => {
    const found = [];
    for (const id of ids) {
      const table = of === "agent" ? "agents" : "sandboxSessions";
      const known = ctx.db.normalizeId(table, id);
      const row = known && (await ctx.db.get(known));
      if (row?.organizationId !== ctx.caller.organizationId) continue;
      if ("deletedAt" in row && row.deletedAt !== undefined) continue;
      found.push({ id, name: "title" in row ? row.title : row.name });
    }
    return found;
  },
});

/** Refunds of 90 days are fewer: only so many are given on one day. */
const MAX_REFUNDS = 2_000;

/** What was given back since a day, newest first, by day (UTC). */
export const refunds = orgQuery({
  min: "member",
  scope: "billing:read",
  bounds: { from: LIMITS.day },
  args: { from: v.string() },
  returns: v.array(v.object({ day: v.string(), refunds: v.number(), amountMicroUsd: v.number() })),
  handler: async (ctx, { from }) => {
    const since = Date.parse(from);
    if (Number.isNaN(since)) return [];
    const rows = await takeUpTo(
      ctx.db
        .query("ledgerEntries")
        .withIndex("by_organization_kind", (q) =>
          q.eq("organizationId", ctx.caller.organizationId).eq("kind", "refund").gte("_creationTime", since),
        )
        .order("desc"),
      { rows: MAX_REFUNDS },
    );
    return refundsByDay(rows.map(({ _creationTime: at, deltaMicroUsd }) => ({ at, deltaMicroUsd })));
  },
});

/** Days of one report. */
const MAX_DAYS = 92;

/** What an agent's runs since a day used and cost, by day (UTC), newest first. @throws not_found */
export const ofAgent = orgQuery({
  min: "member",
  scope: "billing:read",
  bounds: { from: LIMITS.day },
  args: { agentId: v.string(), from: v.string() },
  returns: v.array(
    v.object({
      day: v.string(),
      runs: v.number(),
      calls: v.number(),
      ...spent,
      ...countedApart,
    }),
  ),
  handler: async (ctx, { agentId, from }) => {
    const { _id } = await agentOf(ctx, ctx.caller.organizationId, agentId);
    const rows = await ctx.db
      .query("agentDaily")
      .withIndex("by_agent_day", (q) => q.eq("agentId", _id).gte("day", from))
      .order("desc")
      .take(MAX_DAYS);
    return rows.map((row) => ({ day: row.day, runs: row.runs, ...addSums(row, NO_USAGE) }));
  },
});
