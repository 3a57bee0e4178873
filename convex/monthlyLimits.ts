import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { MONTHLY_LIMIT, toldAfterChange } from "#domain/monthly-limits.ts";
import { monthOf } from "#domain/usage-report.ts";
import type { Doc, Id } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { type Caller, orgMutation, orgQuery } from "./functions.ts";
import { limitOf, spendingOf, type Subject } from "./model/monthly-limits.ts";
import { takeUpTo } from "./model/paging.ts";
import { mayRead, pageOfSubjects, shownLimit, subjectOf, toShownLimit } from "./model/shown-limits.ts";
import { limitSubject } from "./model/values.ts";

/** Whose limit is meant; of the organization the id can be left out. */
const named = { subject: limitSubject, subjectId: v.optional(v.string()) };

/**
 * The organization's monthly limits: an admin sees all, a member those that they may read. A page may be shorter than
 * asked for, even empty: `isDone` alone tells.
 */
export const list = orgQuery({
  min: "member",
  scope: "billing:read",
  args: { paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(shownLimit),
  handler: async (ctx, { paginationOpts }) => {
    const result = await ctx.db
      .query("monthlyLimits")
      .withIndex("by_subject", (q) => q.eq("organizationId", ctx.caller.organizationId))
      .order("desc")
      .paginate(paginationOpts);
    const page = [];
    for (const limit of result.page)
      if (await mayRead(ctx, ctx.caller, limit)) page.push(await toShownLimit(ctx, limit, Date.now()));
    return { ...result, page };
  },
});

/** One of them; null where there is none that the caller may read. */
export const get = orgQuery({
  min: "member",
  scope: "billing:read",
  args: { subject: limitSubject, subjectId: v.string() },
  returns: v.nullable(shownLimit),
  handler: async (ctx, of) => {
    const limit = await limitOf(ctx, { ...of, organizationId: ctx.caller.organizationId });
    if (!limit || !(await mayRead(ctx, ctx.caller, limit))) return null;
    return await toShownLimit(ctx, limit, Date.now());
  },
});

/** Who can have a limit, a page at a time; one that is gone leaves its place empty. */
export const subjects = orgQuery({
  min: "admin",
  scope: "billing:read",
  args: {
    subject: v.union(v.literal("member"), v.literal("agent"), v.literal("api_key")),
    paginationOpts: paginationOptsValidator,
  },
  returns: paginationResultValidator(v.object({ subjectId: v.string(), name: v.string() })),
  handler: async (ctx, { subject, paginationOpts }) =>
    await pageOfSubjects(ctx, ctx.caller.organizationId, subject, paginationOpts),
});

/** Limits that people are told of at once; a month has as many as there are subjects. */
const MAX_TOLD = 20;
/** A person's newest keys, and those of their sandboxes. */
const MAX_KEYS = 100;

type Reader = QueryCtx & { caller: Caller };

async function toldOfAll(ctx: Reader, month: string): Promise<Doc<"monthlySpending">[]> {
  const { organizationId } = ctx.caller;
  return await takeUpTo(
    ctx.db
      .query("monthlySpending")
      .withIndex("by_month_step", (q) =>
        q.eq("organizationId", organizationId).eq("month", month).gt("toldStep", 0),
      )
      .order("desc"),
    { rows: MAX_TOLD },
  );
}

/** The same of what is the caller's own concern: what all spend, they themselves, and their keys. */
async function toldOfOwn(ctx: Reader, month: string): Promise<Doc<"monthlySpending">[]> {
  const { organizationId, user } = ctx.caller;
  const keys = await takeUpTo(
    ctx.db
      .query("apiKeys")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", user._id))
      .order("desc"),
    { rows: MAX_KEYS },
  );
  const own: Subject[] = [
    { organizationId, subject: "organization", subjectId: organizationId },
    { organizationId, subject: "member", subjectId: user._id },
    ...keys
      .filter(({ kind }) => kind === "user")
      .map(({ _id }) => ({ organizationId, subject: "api_key" as const, subjectId: _id })),
  ];
  const rows = await Promise.all(own.map(async (of) => await spendingOf(ctx, of, month)));
  return rows.filter((row) => row !== null).filter(({ toldStep }) => toldStep > 0);
}

/** Limits of which people were told this month, the nearest to their end first: for an admin all, else one's own. */
export const told = orgQuery({
  min: "member",
  scope: "billing:read",
  args: {},
  returns: v.array(shownLimit),
  handler: async (ctx) => {
    const now = Date.now();
    const month = monthOf(now);
    const rows = ctx.caller.role === "admin" ? await toldOfAll(ctx, month) : await toldOfOwn(ctx, month);
    const found = [];
    for (const row of rows) {
      const limit = await limitOf(ctx, row);
      if (limit) found.push(await toShownLimit(ctx, limit, now));
    }
    return found.toSorted((a, b) => b.toldStep - a.toldStep);
  },
});

/** A limit in the audit log, which keeps no person's name. */
const auditTarget = ({ subject, subjectId, name }: typeof shownLimit.type) =>
  subject === "member" ? { userId: subjectId as Id<"users"> } : `${subject}: ${name ?? subjectId}`;

/**
 * Sets what a subject may spend in each calendar month (UTC). Runs that wait for the limit go on by themselves where it
 * leaves room; one below what is spent already stops the next call.
 * @param args `limitMicroUsd`: integer micro-USD
 * @throws not_found | invalid_request
 */
export const set = orgMutation({
  min: "admin",
  scope: "billing:write",
  audit: "entry",
  bounds: { limitMicroUsd: { kind: "whole", ...MONTHLY_LIMIT } },
  args: { ...named, limitMicroUsd: v.number() },
  returns: shownLimit,
  handler: async (ctx, { subject, subjectId, limitMicroUsd }) => {
    const of = await subjectOf(ctx, ctx.caller, subject, subjectId);
    const now = Date.now();
    const before = await limitOf(ctx, of);
    if (before?.limitMicroUsd === limitMicroUsd) {
      await ctx.report(null);
      return await toShownLimit(ctx, before, now);
    }
    if (before) await ctx.db.patch(before._id, { limitMicroUsd });
    const id = before?._id ?? (await ctx.db.insert("monthlyLimits", { ...of, limitMicroUsd }));
    const row = await spendingOf(ctx, of, monthOf(now));
    if (row) await ctx.db.patch(row._id, { toldStep: toldAfterChange(row, limitMicroUsd) });
    const shown = await toShownLimit(ctx, { ...of, _id: id, _creationTime: now, limitMicroUsd }, now);
    await ctx.report({
      action: "limit.set",
      target: auditTarget(shown),
      ...(before && { before: { limit_micro_usd: before.limitMicroUsd } }),
      after: { limit_micro_usd: limitMicroUsd },
    });
    return shown;
  },
});

/** Removes a limit: nothing holds the subject's spending any more. Where there is none, nothing is done. */
export const remove = orgMutation({
  min: "admin",
  scope: "billing:write",
  audit: "entry",
  args: named,
  returns: v.null(),
  handler: async (ctx, { subject, subjectId }) => {
    const { organizationId } = ctx.caller;
    // Of a subject that is gone as well: what is left of its limit must go.
    const of = { organizationId, subject, subjectId: subjectId ?? organizationId };
    const limit = await limitOf(ctx, of);
    if (!limit) {
      await ctx.report(null);
      return null;
    }
    const shown = await toShownLimit(ctx, limit, Date.now());
    await ctx.db.delete(limit._id);
    const row = await spendingOf(ctx, of, monthOf(Date.now()));
    if (row) await ctx.db.patch(row._id, { toldStep: 0 });
    await ctx.report({
      action: "limit.removed",
      target: auditTarget(shown),
      before: { limit_micro_usd: shown.limitMicroUsd },
    });
    return null;
  },
});
