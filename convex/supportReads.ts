import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { operatorMutation, operatorQuery } from "./functions.ts";
import { logPage, pageOfLog } from "./model/log-page.ts";
import { Names } from "./model/people.ts";
import { pageOfSessions } from "./model/session-list.ts";
import { sessionOf } from "./model/sessions.ts";
import { consented, lookOf, noteLook, requireLook } from "./model/support.ts";
import { environment, sessionStatus } from "./model/values.ts";

/** A look that is over so soon is noted again, so that the read behind it does not come too late. */
const ALMOST_OVER_MS = 60_000;

/**
 * Notes that an operator looks at a session, or at the list of them: in both audits, once an hour. Only then can they
 * read it.
 * @param organization its slug, or its id
 * @throws not_found | forbidden without consent
 */
export const look = operatorMutation({
  args: { organization: v.string(), sessionId: v.nullable(v.string()) },
  returns: v.null(),
  handler: async (ctx, { organization: named, sessionId }) => {
    const { organization, grant } = await consented(ctx, named);
    const session =
      sessionId === null ? null : await sessionOf(ctx, { organizationId: organization._id }, sessionId);
    const { by } = ctx.operator;
    const before = await lookOf(ctx, by, { grant, session });
    if (before && before.until > Date.now() + ALMOST_OVER_MS) {
      await ctx.act(null);
      return null;
    }
    await noteLook(ctx, by, { grant, session });
    await ctx.act({
      organization,
      reason: grant.reason,
      ...(session
        ? { action: "read_session", target: session._id, told: "support_access.session_read" }
        : { action: "list_sessions", told: "support_access.sessions_listed" }),
    });
    return null;
  },
});

/**
 * An organization's sessions, newest first, with its consent. A page holds what the search leaves, so that it may be
 * short before the end.
 * @throws not_found | forbidden | invalid_request
 */
export const sessions = operatorQuery({
  bounds: { text: LIMITS.searchText },
  args: {
    organization: v.string(),
    text: v.optional(v.string()),
    archived: v.optional(v.boolean()),
    paginationOpts: paginationOptsValidator,
  },
  returns: paginationResultValidator(
    v.object({
      id: v.id("sandboxSessions"),
      title: v.string(),
      environment,
      status: sessionStatus,
      userName: v.string(),
      provider: v.string(),
      model: v.string(),
      createdAt: v.number(),
      lastActivityAt: v.number(),
    }),
  ).extend({ truncated: v.boolean() }),
  handler: async (ctx, { organization: named, paginationOpts, ...wanted }) => {
    const { organization, grant } = await consented(ctx, named);
    await requireLook(ctx, ctx.operator.by, { grant, session: null });
    const reader = { organizationId: organization._id, userId: null };
    const found = await pageOfSessions(ctx, reader, wanted, paginationOpts);
    const names = new Names(ctx);
    return {
      ...found,
      page: await Promise.all(
        found.page.map(async (row) => ({
          id: row._id,
          title: row.title,
          environment: row.environment,
          status: row.status,
          userName: await names.of(row.userId),
          provider: row.provider,
          model: row.model,
          createdAt: Math.floor(row._creationTime),
          lastActivityAt: row.lastActivityAt,
        })),
      ),
    };
  },
});

/**
 * A page of a session's log, with its organization's consent: as its members read it, so what is masked stays so.
 * @throws not_found | forbidden | invalid_request
 */
export const log = operatorQuery({
  bounds: { after: LIMITS.seq, limit: LIMITS.eventsLimit },
  args: { organization: v.string(), sessionId: v.string(), after: v.number(), limit: v.number() },
  returns: logPage,
  handler: async (ctx, { organization: named, sessionId, ...range }) => {
    const { organization, grant } = await consented(ctx, named);
    const session = await sessionOf(ctx, { organizationId: organization._id }, sessionId);
    await requireLook(ctx, ctx.operator.by, { grant, session });
    return await pageOfLog(ctx, session._id, range);
  },
});
