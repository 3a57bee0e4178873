import { paginationOptsValidator } from "convex/server";
import { v } from "convex/values";
import { isLive } from "#domain/lifecycle.ts";
import { LIMITS } from "#domain/limits.ts";
import { SESSION_GROUPS } from "#domain/session-filter.ts";
import { type Caller, orgMutation, orgQuery, refuse } from "./functions.ts";
import { countsOf, countsOrSome } from "./model/counts.ts";
import { Names } from "./model/people.ts";
import { listedSessionPage, session as sessionValue, sessionPage, sessionTotals } from "./model/returns.ts";
import { indexArchived } from "./model/search-texts.ts";
import { pageOfSessions } from "./model/session-list.ts";
import { mayKeep, sessionOf, toListed, toSession, toTotals } from "./model/sessions.ts";
import { environment } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

/** What a list of sessions may be narrowed to; the same for API and pages. */
const filter = {
  group: v.optional(literals(SESSION_GROUPS)),
  environment: v.optional(environment),
  /** Those that live alone. */
  live: v.optional(v.boolean()),
  /** Those that were started with this agent alone. */
  agentId: v.optional(v.string()),
  /** The caller's own alone. */
  mine: v.optional(v.boolean()),
  /** Words of the title, or of what was asked and answered. */
  text: v.optional(v.string()),
  /** Those that were put away; else the others. */
  archived: v.optional(v.boolean()),
};

const readerOf = ({ organizationId, user }: Caller) => ({ organizationId, userId: user._id });

/**
 * The organization's sessions, newest first; those of the archive by when they were archived. A page holds what the
 * filter leaves of `numItems` sessions, so that it may be short, or empty, before the end.
 */
export const search = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  bounds: { text: LIMITS.searchText },
  args: { paginationOpts: paginationOptsValidator, ...filter },
  returns: sessionPage,
  handler: async (ctx, { paginationOpts, ...wanted }) => {
    const found = await pageOfSessions(ctx, readerOf(ctx.caller), wanted, paginationOpts);
    const names = new Names(ctx);
    return {
      ...found,
      page: await Promise.all(found.page.map(async (row) => await toSession(ctx, row, names))),
    };
  },
});

/**
 * The same for a page that follows it live: without what sessions have used, which each model call changes. A list is
 * run again where a session begins, changes its state, or ends; what they cost is `totals`.
 */
export const live = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  bounds: { text: LIMITS.searchText },
  args: { paginationOpts: paginationOptsValidator, ...filter },
  returns: listedSessionPage,
  handler: async (ctx, { paginationOpts, ...wanted }) => {
    const found = await pageOfSessions(ctx, readerOf(ctx.caller), wanted, paginationOpts);
    const names = new Names(ctx);
    return {
      ...found,
      page: await Promise.all(found.page.map(async (row) => await toListed(ctx, row, names))),
    };
  },
});

/** What some sessions have used so far, in any order; sessions that are not the organization's are left out. */
export const totals = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  bounds: { sessionIds: LIMITS.sessionIds },
  args: { sessionIds: v.array(v.string()) },
  returns: v.array(v.object({ sessionId: v.id("sandboxSessions"), totals: sessionTotals })),
  handler: async (ctx, { sessionIds }) => {
    const rows = await Promise.all(
      sessionIds.map(async (raw) => {
        const id = ctx.db.normalizeId("sandboxSessions", raw);
        const session = id && (await ctx.db.get(id));
        return session?.organizationId === ctx.caller.organizationId ? session : null;
      }),
    );
    return await Promise.all(
      rows
        .filter((row) => row !== null)
        .map(async (row) => ({ sessionId: row._id, totals: await toTotals(ctx, row) })),
    );
  },
});

/** What the logs of some sessions have had, and their last `seq`, in any order; sessions that are not the organization's are left out. */
export const counts = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  bounds: { sessionIds: LIMITS.sessionIds },
  args: { sessionIds: v.array(v.string()) },
  returns: v.array(v.object({ sessionId: v.id("sandboxSessions"), counts: countsOrSome, seq: v.number() })),
  handler: async (ctx, { sessionIds }) => {
    const rows = await Promise.all(
      sessionIds.map(async (raw) => {
        const id = ctx.db.normalizeId("sandboxSessions", raw);
        const session = id && (await ctx.db.get(id));
        return session?.organizationId === ctx.caller.organizationId ? session._id : null;
      }),
    );
    const known = rows.filter((id) => id !== null);
    return await Promise.all(
      known.map(async (sessionId) => ({ sessionId, ...(await countsOf(ctx, sessionId)) })),
    );
  },
});

/** Puts a session that has ended away, or back. */
export const archive = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "entry",
  args: { sessionId: v.string(), archived: v.boolean() },
  returns: sessionValue,
  handler: async (ctx, { sessionId, archived }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayKeep(ctx.caller, session);
    if (archived && isLive(session.status)) throw refuse("session_running");
    const archivedAt = archived ? (session.archivedAt ?? Date.now()) : undefined;
    await ctx.db.patch(session._id, { archivedAt });
    await indexArchived(ctx, session._id, archived);
    const changed = archivedAt !== session.archivedAt;
    const action = archived ? "session.archived" : "session.restored";
    await ctx.report(changed ? { action, target: session._id } : null);
    const { archivedAt: _before, ...rest } = session;
    return await toSession(ctx, { ...rest, ...(archivedAt !== undefined && { archivedAt }) });
  },
});
