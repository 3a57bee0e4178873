import { type PaginationOptions, paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { LIVE_STATUSES } from "#domain/lifecycle.ts";
import { LIMITS } from "#domain/limits.ts";
import {
  MAX_OPERATOR_COUNT,
  MAX_OPERATOR_ORGANIZATIONS,
  OPERATOR_ACTIONS,
  OPERATOR_CHANNELS,
} from "#domain/operator.ts";
import { addSums, dayOf, monthOf } from "#domain/usage-report.ts";
import { statusLabelOf } from "#domain/waits.ts";
import type { Doc } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { serviceQuery } from "./functions.ts";
import { checkBounds } from "./model/bounds.ts";
import { accountOf } from "./model/credits.ts";
import { HOUR_MS } from "./model/failures.ts";
import { organizationNamed } from "./model/operator-audit.ts";
import { findOrganizations } from "./model/organization-search.ts";
import { PAGE_BYTES, takeUpTo } from "./model/paging.ts";
import { grantOf } from "./model/support.ts";
import { totalsOf } from "./model/totals.ts";
import { environment, sessionStatus } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

const DAY_MS = 24 * HOUR_MS;
/** Days that the reports go back. */
const DAYS = 30;
/** Rows of one organization's days, models and people; what is behind them is left out, and said. */
const MAX_DAY_ROWS = 4_000;
const MAX_SIGN_UPS = 5_000;
/** What counting one thing may read: a page of organizations counts several. */
const COUNT_BYTES = 64 * 1024;

/** How many there are, counted up to a bound. */
const bounded = v.object({ count: v.number(), isMore: v.boolean() });

async function countUpTo<T extends object>(
  queries: readonly AsyncIterable<T>[],
  bytes = COUNT_BYTES,
): Promise<typeof bounded.type> {
  let count = 0;
  let isMore = false;
  for (const query of queries) {
    let rest = false;
    const counted = (async function* () {
      for await (const row of query) {
        rest = true;
        yield row;
      }
      rest = false;
    })();
    const rows = await takeUpTo(counted, { rows: MAX_OPERATOR_COUNT + 1, bytes });
    count += rows.length;
    isMore ||= rest;
  }
  return { count: Math.min(count, MAX_OPERATOR_COUNT), isMore: isMore || count > MAX_OPERATOR_COUNT };
}

const liveOf = (ctx: QueryCtx, organizationId: Doc<"organizations">["_id"]) =>
  LIVE_STATUSES.map((status) =>
    ctx.db
      .query("sandboxSessions")
      .withIndex("by_organization_status", (q) =>
        q.eq("organizationId", organizationId).eq("status", status),
      ),
  );

const shownOrganization = v.object({
  id: v.id("organizations"),
  name: v.string(),
  slug: v.string(),
  createdAt: v.number(),
  members: bounded,
  live: bounded,
  /** Micro-USD, of credits. */
  balanceMicroUsd: v.number(),
  spentThisMonthMicroUsd: v.number(),
  frozen: v.nullable(v.object({ at: v.number(), reason: v.string() })),
});

async function toShown(
  ctx: QueryCtx,
  organization: Doc<"organizations">,
): Promise<typeof shownOrganization.type> {
  const { _id, name, slug, _creationTime, frozenAt, frozenReason = "" } = organization;
  const account = await accountOf(ctx, _id);
  const members = ctx.db
    .query("members")
    .withIndex("by_organization_user", (q) => q.eq("organizationId", _id));
  return {
    id: _id,
    name,
    slug,
    createdAt: Math.floor(_creationTime),
    members: await countUpTo([members]),
    live: await countUpTo(liveOf(ctx, _id)),
    balanceMicroUsd: account?.balanceMicroUsd ?? 0,
    spentThisMonthMicroUsd: account?.spentMonth === monthOf(Date.now()) ? (account.spentMicroUsd ?? 0) : 0,
    frozen: frozenAt === undefined ? null : { at: frozenAt, reason: frozenReason },
  };
}

/** A page no longer than its functions can read. */
const within = (options: PaginationOptions, rows: number): PaginationOptions => ({
  ...options,
  numItems: Math.min(options.numItems, rows),
  maximumBytesRead: PAGE_BYTES,
});

/** Organizations, the newest first. */
export const organizations = serviceQuery({
  args: { paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(shownOrganization),
  handler: async (ctx, { paginationOpts }) => {
    const result = await ctx.db
      .query("organizations")
      .order("desc")
      .paginate(within(paginationOpts, MAX_OPERATOR_ORGANIZATIONS));
    const there = result.page.filter(({ deletedAt }) => deletedAt === undefined);
    return { ...result, page: await Promise.all(there.map(async (one) => await toShown(ctx, one))) };
  },
});

/**
 * Organizations by a member's address, by what the slug begins with, or by words of the name: the best matches, no more
 * than a page.
 */
export const search = serviceQuery({
  args: { text: v.string() },
  returns: v.object({ organizations: v.array(shownOrganization), isCut: v.boolean() }),
  handler: async (ctx, { text }) => {
    checkBounds({ text }, { text: LIMITS.searchText });
    const { found, isCut } = await findOrganizations(ctx, text.trim(), MAX_OPERATOR_ORGANIZATIONS);
    return { organizations: await Promise.all(found.map(async (one) => await toShown(ctx, one))), isCut };
  },
});

const day = v.object({
  day: v.string(),
  calls: v.number(),
  costMicroUsd: v.number(),
  sandboxMs: v.number(),
});

/** An organization and what it used on each of the last 30 days (UTC). @throws not_found */
export const organization = serviceQuery({
  args: { organization: v.string() },
  returns: v.object({
    organization: shownOrganization,
    days: v.array(day),
    isCut: v.boolean(),
    /** Until when it lets its sessions be read, and why; null where it does not. */
    support: v.nullable(v.object({ at: v.number(), until: v.number(), reason: v.string() })),
  }),
  handler: async (ctx, { organization: named }) => {
    const found = await organizationNamed(ctx, named);
    const from = dayOf(Date.now() - (DAYS - 1) * DAY_MS);
    const rows = await takeUpTo(
      ctx.db
        .query("usageDaily")
        .withIndex("by_group", (q) =>
          q.eq("organizationId", found._id).eq("sessionId", undefined).gte("day", from),
        )
        .order("desc"),
      { rows: MAX_DAY_ROWS },
    );
    const days = new Map<string, ReturnType<typeof addSums>>();
    for (const row of rows) {
      const before = days.get(row.day);
      days.set(row.day, before ? addSums(before, row) : row);
    }
    const grant = await grantOf(ctx, found._id);
    return {
      support: grant && {
        at: Math.floor(grant._creationTime),
        until: grant.until,
        reason: grant.reason,
      },
      organization: await toShown(ctx, found),
      days: [...days].map(([of, { calls, costMicroUsd, sandboxMs = 0 }]) => ({
        day: of,
        calls,
        costMicroUsd,
        sandboxMs,
      })),
      isCut: rows.length >= MAX_DAY_ROWS,
    };
  },
});

/**
 * An organization's live sessions in one state, the oldest first, and why each waits: nothing of what is in them, not
 * even their titles.
 * @throws not_found
 */
export const sessions = serviceQuery({
  args: {
    organization: v.string(),
    status: literals(LIVE_STATUSES),
    paginationOpts: paginationOptsValidator,
  },
  returns: paginationResultValidator(
    v.object({
      id: v.id("sandboxSessions"),
      environment,
      status: sessionStatus,
      cause: v.string(),
      next: v.string(),
      provider: v.string(),
      model: v.string(),
      createdAt: v.number(),
      lastActivityAt: v.number(),
      costMicroUsd: v.number(),
    }),
  ),
  handler: async (ctx, { organization: named, status, paginationOpts }) => {
    const { _id } = await organizationNamed(ctx, named);
    const result = await ctx.db
      .query("sandboxSessions")
      .withIndex("by_organization_status", (q) => q.eq("organizationId", _id).eq("status", status))
      .paginate(within(paginationOpts, MAX_OPERATOR_COUNT));
    const page = await Promise.all(
      result.page.map(async (row) => {
        // Its detail may name a person, or say what a provider said.
        const { cause, next } = statusLabelOf({ ...row, waitDetail: null });
        return {
          id: row._id,
          environment: row.environment,
          status: row.status,
          cause,
          next,
          provider: row.provider,
          model: row.model,
          createdAt: Math.floor(row._creationTime),
          lastActivityAt: row.lastActivityAt,
          costMicroUsd: (await totalsOf(ctx, row)).totalCostMicroUsd,
        };
      }),
    );
    return { ...result, page };
  },
});

const perDay = v.array(v.object({ day: v.string(), people: v.number() }));

/** How all of Studio stands: what waits, what failed in the last 24 hours, and who came in the last 30 days. */
export const overview = serviceQuery({
  args: { now: v.number() },
  returns: v.object({
    queues: v.array(v.object({ name: v.string(), ...bounded.fields })),
    failures: v.array(
      v.object({ of: v.union(v.literal("run"), v.literal("session")), kind: v.string(), count: v.number() }),
    ),
    signUps: perDay,
    areSignUpsCut: v.boolean(),
    frozen: bounded,
  }),
  handler: async (ctx, { now }) => {
    const { db } = ctx;
    const slots = (state: Doc<"sandboxSlots">["state"]) =>
      db.query("sandboxSlots").withIndex("by_state", (q) => q.eq("state", state));
    const queues: Record<string, AsyncIterable<object>> = {
      sandboxes_held: slots("held"),
      sandboxes_waited_for: slots("waiting"),
      leases_held: db
        .query("sessionStreams")
        .withIndex("by_lease", (q) => q.eq("needsPump", true).gt("leaseUntil", now)),
      leases_free: db
        .query("sessionStreams")
        .withIndex("by_lease", (q) => q.eq("needsPump", true).eq("leaseUntil", 0)),
      leases_lapsed: db
        .query("sessionStreams")
        .withIndex("by_lease", (q) => q.eq("needsPump", true).gt("leaseUntil", 0).lte("leaseUntil", now)),
      sessions_late: db
        .query("sandboxSessions")
        .withIndex("by_deadline", (q) => q.gt("deadlineAt", 0).lte("deadlineAt", now)),
      sandboxes_to_end: db
        .query("sandboxSessions")
        .withIndex("by_cleanup", (q) => q.eq("cleanupPending", true)),
      saves_due: db.query("sessionSaves").withIndex("by_due", (q) => q.gt("dueAt", 0).lte("dueAt", now)),
      webhooks_due: db
        .query("runWebhooks")
        .withIndex("by_status_due", (q) => q.eq("status", "due").lte("dueAt", now)),
      notifications_due: db
        .query("notificationDeliveries")
        .withIndex("by_status_due", (q) => q.eq("status", "due").lte("dueAt", now)),
      removals: db.query("removals").withIndex("by_status_next", (q) => q.eq("status", "running")),
    };
    const failed = await takeUpTo(
      db.query("failureCounts").withIndex("by_hour", (q) => q.gt("hour", now - DAY_MS)),
      { rows: MAX_DAY_ROWS },
    );
    const failures = new Map<string, Pick<Doc<"failureCounts">, "of" | "kind" | "count">>();
    for (const { of, kind, count } of failed) {
      const before = failures.get(`${of}:${kind}`)?.count ?? 0;
      failures.set(`${of}:${kind}`, { of, kind, count: before + count });
    }
    const people = await takeUpTo(
      db
        .query("users")
        .withIndex("by_creation_time", (q) => q.gt("_creationTime", now - DAYS * DAY_MS))
        .order("desc"),
      { rows: MAX_SIGN_UPS },
    );
    const signUps = new Map<string, number>();
    for (const { _creationTime } of people) {
      const of = dayOf(_creationTime);
      signUps.set(of, (signUps.get(of) ?? 0) + 1);
    }
    return {
      queues: await Promise.all(
        Object.entries(queues).map(async ([name, rows]) => ({ name, ...(await countUpTo([rows])) })),
      ),
      failures: [...failures.values()].toSorted((a, b) => b.count - a.count),
      signUps: [...signUps].map(([of, count]) => ({ day: of, people: count })),
      areSignUpsCut: people.length >= MAX_SIGN_UPS,
      frozen: await countUpTo([db.query("organizations").withIndex("by_frozen", (q) => q.gt("frozenAt", 0))]),
    };
  },
});

/** What operators have done, the latest first; to one organization, where its id is given. */
export const audit = serviceQuery({
  args: { paginationOpts: paginationOptsValidator, organization: v.optional(v.string()) },
  returns: paginationResultValidator(
    v.object({
      id: v.id("operatorAudit"),
      at: v.number(),
      by: v.string(),
      via: literals(OPERATOR_CHANNELS),
      address: v.nullable(v.string()),
      action: literals(OPERATOR_ACTIONS),
      organization: v.string(),
      slug: v.string(),
      target: v.nullable(v.string()),
      reason: v.string(),
      amountMicroUsd: v.nullable(v.number()),
    }),
  ),
  handler: async (ctx, { paginationOpts, organization: of }) => {
    const table = ctx.db.query("operatorAudit");
    const found =
      of === undefined ? table : table.withIndex("by_organization", (q) => q.eq("organization", of));
    const result = await found.order("desc").paginate(within(paginationOpts, MAX_OPERATOR_COUNT));
    return {
      ...result,
      page: result.page.map((row) => ({
        id: row._id,
        at: Math.floor(row._creationTime),
        by: row.by,
        via: row.via,
        address: row.address ?? null,
        action: row.action,
        organization: row.organization,
        slug: row.slug,
        target: row.target ?? null,
        reason: row.reason,
        amountMicroUsd: row.amountMicroUsd ?? null,
      })),
    };
  },
});
