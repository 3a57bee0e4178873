import { v } from "convex/values";
import { LIMITS, MAX_EVENTS_PAGE } from "#domain/limits.ts";
import { IMPORT_BOUNDS, IMPORT_FORMATS } from "#domain/import-limits.ts";
import { boundedFacts } from "#domain/session-import.ts";
import { maskSecrets } from "#domain/mask.ts";
import { internal } from "./_generated/api";
import { actorMutation, orgQuery, refuse, systemMutation } from "./functions.ts";
import { takeUpTo } from "./model/paging.ts";
import { session as sessionValue } from "./model/returns.ts";
import { indexTitle } from "./model/search-texts.ts";
import {
  abandonImport,
  addImported,
  beginImport,
  headText,
  keepHead,
  ownImport,
} from "./model/session-imports.ts";
import { sessionOf, streamOf, toSession } from "./model/sessions.ts";
import { environment } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

/** Imports that one step of the sweep gives up. */
const SWEPT = 50;

/** Begins the import of an export. Nobody finds its session before `finish`. @throws imports_at_once | imports_full | forbidden */
export const begin = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: { none: "nothing of it is there for anybody until it is whole" },
  args: { format: literals(IMPORT_FORMATS), environment: v.optional(environment) },
  returns: v.object({ importId: v.id("sessionImports"), sessionId: v.id("sandboxSessions") }),
  handler: async (ctx, { format, environment: wanted }) => {
    const chosen = wanted ?? ctx.caller.key?.environment ?? "development";
    const { _id, sessionId } = await beginImport(ctx, ctx.caller, { format, environment: chosen });
    return { importId: _id, sessionId };
  },
});

/** Adds the next events. Sent again, they change nothing. @throws import_row | import_too_long | import_too_large */
export const append = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: { none: "nothing of it is there for anybody until it is whole" },
  bounds: { from: LIMITS.seq, events: IMPORT_BOUNDS.events },
  args: { importId: v.string(), from: v.number(), events: v.array(v.string()) },
  returns: v.null(),
  handler: async (ctx, { importId, from, events }) => {
    await addImported(ctx, await ownImport(ctx, ctx.caller, importId), from, events);
    return null;
  },
});

/** Ends an import: its session is there from now on, whole, to be read. Again, it does nothing. */
export const finish = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "entry",
  bounds: {
    head: IMPORT_BOUNDS.head,
    title: LIMITS.title,
    provider: LIMITS.providerId,
    model: LIMITS.modelId,
    agentName: LIMITS.agentName,
  },
  args: {
    importId: v.string(),
    /** Of a file that has more than events. */
    head: v.optional(v.string()),
    title: v.string(),
    provider: v.string(),
    model: v.string(),
    agentName: v.optional(v.string()),
  },
  returns: sessionValue,
  handler: async (ctx, { importId, head, ...facts }) => {
    const row = await ownImport(ctx, ctx.caller, importId);
    const { sessionId } = row;
    const known = row.state === "done";
    const { seq } = await streamOf(ctx, sessionId);
    if (!known) {
      const { title, ...rest } = boundedFacts(facts);
      await ctx.db.patch(sessionId, {
        ...rest,
        title: maskSecrets(title),
        lastActivityAt: Date.now(),
        deletedAt: undefined,
      });
      await ctx.db.patch(row._id, {
        state: "done",
        deadlineAt: 0,
      });
      if (head !== undefined) await keepHead(ctx, row, head);
    }
    const session = await ctx.db.get(sessionId);
    if (!session) throw refuse("session_not_found");
    if (!known) await indexTitle(ctx, session);
    await ctx.report(
      known
        ? null
        : {
            action: "session.imported",
            target: sessionId,
            after: { title: session.title, format: row.format, events: seq, bytes: row.bytes },
          },
    );
    return await toSession(ctx, session);
  },
});

/** Gives an import up, and has what has come of it removed. Idempotent. */
export const abandon = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: { none: "nothing of it was there for anybody" },
  args: { importId: v.string() },
  returns: v.null(),
  handler: async (ctx, { importId }) => {
    await abandonImport(ctx, await ownImport(ctx, ctx.caller, importId));
    return null;
  },
});

/** What stands beside the events in the file that a session comes from; null where there was nothing, or it was made here. */
export const head = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string() },
  returns: v.nullable(v.string()),
  handler: async (ctx, { sessionId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    return await headText(ctx, session._id);
  },
});

/** A page of an imported session's events, each as its file has it: from behind `after`, in order. */
export const texts = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  bounds: { after: LIMITS.seq, limit: LIMITS.eventsLimit },
  args: { sessionId: v.string(), after: v.number(), limit: v.number() },
  returns: v.object({ events: v.array(v.string()), last: v.number(), isDone: v.boolean() }),
  handler: async (ctx, { sessionId, after, limit }) => {
    const { _id } = await sessionOf(ctx, ctx.caller, sessionId);
    const { seq } = await streamOf(ctx, _id);
    const rows = await takeUpTo(
      ctx.db
        .query("importedEvents")
        .withIndex("by_session_seq", (q) => q.eq("sessionId", _id).gt("seq", after)),
      { rows: Math.min(limit, MAX_EVENTS_PAGE) },
    );
    const last = rows.at(-1)?.seq ?? seq;
    return { events: rows.map(({ text }) => text), last, isDone: last >= seq };
  },
});

/** Gives up imports whose server has ended in between. */
export const sweep = systemMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    const now = Date.now();
    const lapsed = await ctx.db
      .query("sessionImports")
      .withIndex("by_state_deadline", (q) => q.eq("state", "importing").lte("deadlineAt", now))
      .take(SWEPT);
    for (const row of lapsed) await abandonImport(ctx, row);
    if (lapsed.length === SWEPT) await ctx.scheduler.runAfter(0, internal.sessionImports.sweep, {});
    return null;
  },
});
