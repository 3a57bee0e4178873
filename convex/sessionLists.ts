import { paginationOptsValidator } from "convex/server";
import { v } from "convex/values";
import { isLive } from "../lib/domain/lifecycle.ts";
import { matchesFilter, SESSION_GROUPS } from "../lib/domain/session-filter.ts";
import { orgMutation, orgQuery, refuse } from "./functions.ts";
import { Names } from "./model/people.ts";
import { mayDrive, sessionOf, toSession } from "./model/sessions.ts";
import { session as sessionValue, sessionPage } from "./model/returns.ts";
import { environment } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

/** What a list of sessions may be narrowed to; the same for API and pages. */
const filter = {
  group: v.optional(literals(SESSION_GROUPS)),
  environment: v.optional(environment),
  /** The caller's own alone. */
  mine: v.optional(v.boolean()),
  /** A part of the title. */
  text: v.optional(v.string()),
  /** Those that were put away; else the others. */
  archived: v.optional(v.boolean()),
};

/**
 * The organization's sessions, newest first. A page holds what the filter leaves of `numItems` sessions,
 * so that it may be short, or empty, before the end.
 */
export const search = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { paginationOpts: paginationOptsValidator, ...filter },
  returns: sessionPage,
  handler: async (ctx, { paginationOpts, ...wanted }) => {
    const { caller } = ctx;
    const result = await ctx.db
      .query("sandboxSessions")
      .withIndex("by_organization", (q) => q.eq("organizationId", caller.organizationId))
      .order("desc")
      .paginate(paginationOpts);
    const names = new Names(ctx);
    const sessions = await Promise.all(result.page.map(async (row) => await toSession(ctx, row, names)));
    return {
      ...result,
      page: sessions.filter((session) => matchesFilter(session, wanted, caller.user._id)),
    };
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
    mayDrive(ctx.caller, session);
    if (archived && isLive(session.status)) throw refuse("session_running");
    const archivedAt = archived ? (session.archivedAt ?? Date.now()) : undefined;
    await ctx.db.patch(session._id, { archivedAt });
    const changed = archivedAt !== session.archivedAt;
    const action = archived ? "session.archived" : "session.restored";
    await ctx.report(changed ? { action, target: session._id } : null);
    const { archivedAt: _before, ...rest } = session;
    return await toSession(ctx, { ...rest, ...(archivedAt !== undefined && { archivedAt }) });
  },
});
