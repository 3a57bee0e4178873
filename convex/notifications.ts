import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { type Infer, v } from "convex/values";
import {
  CHANNELS_LIMIT,
  NOTIFICATION_KINDS,
  NOTIFICATION_LIMITS,
  WAITING_KINDS,
} from "#domain/notifications.ts";
import type { Doc } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { type Caller, orgMutation, orgQuery, refuse } from "./functions.ts";
import { choicesOf, choose } from "./model/notifications.ts";
import { takeUpTo } from "./model/paging.ts";
import { channelsByKind } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

/** A notification as its person reads it. Moments are epoch milliseconds. */
const shown = v.object({
  id: v.id("notifications"),
  kind: literals(NOTIFICATION_KINDS),
  sessionId: v.id("sandboxSessions"),
  runId: v.nullable(v.id("runs")),
  /** Of the request or the question, within its run. */
  key: v.nullable(v.string()),
  title: v.string(),
  text: v.string(),
  at: v.number(),
  readAt: v.nullable(v.number()),
  /** When nobody was waited for any more; null while somebody is, and of news that waits for nobody. */
  goneAt: v.nullable(v.number()),
});

const toShown = (row: Doc<"notifications">): Infer<typeof shown> => ({
  id: row._id,
  kind: row.kind,
  sessionId: row.sessionId,
  runId: row.runId ?? null,
  key: row.key ?? null,
  title: row.title,
  text: row.text,
  at: Math.floor(row._creationTime),
  readAt: row.readAt ?? null,
  goneAt: row.goneAt ?? null,
});

type Reader = QueryCtx & { caller: Caller };

const unreadOf = ({ db, caller }: Reader, inPage: boolean) =>
  db
    .query("notifications")
    .withIndex("by_person_unread", (q) =>
      q
        .eq("organizationId", caller.organizationId)
        .eq("userId", caller.user._id)
        .eq("inPage", inPage)
        .eq("goneAt", undefined)
        .eq("readAt", undefined),
    );

/** The caller's notifications, newest first. */
export const list = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(shown),
  handler: async (ctx, { paginationOpts }) => {
    const { organizationId, user } = ctx.caller;
    const { page, ...rest } = await ctx.db
      .query("notifications")
      .withIndex("by_person", (q) =>
        q.eq("organizationId", organizationId).eq("userId", user._id).eq("inPage", true),
      )
      .order("desc")
      .paginate(paginationOpts);
    return { ...rest, page: page.map(toShown) };
  },
});

/** How many of the caller's are unread, and how many requests and questions wait for them; counted up to a bound. */
export const counts = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: {},
  returns: v.object({ unread: v.number(), waiting: v.number() }),
  handler: async (ctx) => {
    const { organizationId, user } = ctx.caller;
    const bound = { rows: NOTIFICATION_LIMITS.counted + 1 };
    const waiting = await Promise.all(
      WAITING_KINDS.map(async (kind) => {
        const open = ctx.db
          .query("notifications")
          .withIndex("by_person_kind", (q) =>
            q
              .eq("organizationId", organizationId)
              .eq("userId", user._id)
              .eq("inPage", true)
              .eq("kind", kind)
              .eq("goneAt", undefined),
          );
        return (await takeUpTo(open, bound)).length;
      }),
    );
    return {
      unread: (await takeUpTo(unreadOf(ctx, true), bound)).length,
      waiting: waiting.reduce((sum, count) => sum + count, 0),
    };
  },
});

/** So many of the newest the browser looks at. */
const NEWEST = 10;

/** The newest of the caller's that their browser is to show, newest first: none that is read, or over. */
export const forBrowser = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: {},
  returns: v.array(shown),
  handler: async (ctx) => {
    const { organizationId, user } = ctx.caller;
    const rows = await takeUpTo(
      ctx.db
        .query("notifications")
        .withIndex("by_person_place", (q) => q.eq("organizationId", organizationId).eq("userId", user._id))
        .order("desc"),
      { rows: NEWEST },
    );
    return rows
      .filter((row) => row.inBrowser && row.readAt === undefined && row.goneAt === undefined)
      .map(toShown);
  },
});

const SILENT = { none: "what a person has read is their own matter" };

/** Notes that the caller has read one of theirs. @throws not_found */
export const read = orgMutation({
  min: "viewer",
  scope: "sessions:read",
  audit: SILENT,
  args: { notificationId: v.string() },
  returns: v.null(),
  handler: async (ctx, { notificationId }) => {
    const id = ctx.db.normalizeId("notifications", notificationId);
    const row = id && (await ctx.db.get(id));
    const { organizationId, user } = ctx.caller;
    if (!row || row.userId !== user._id || row.organizationId !== organizationId)
      throw refuse("notification_not_found");
    if (row.readAt === undefined) await ctx.db.patch(row._id, { readAt: Date.now() });
    return null;
  },
});

/** Notes that the caller has read all of theirs. */
export const readAll = orgMutation({
  min: "viewer",
  scope: "sessions:read",
  audit: SILENT,
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    const readAt = Date.now();
    const bound = { rows: NOTIFICATION_LIMITS.kept };
    for (const inPage of [true, false])
      for (const row of await takeUpTo(unreadOf(ctx, inPage), bound)) await ctx.db.patch(row._id, { readAt });
    return null;
  },
});

const choices = { channels: channelsByKind, allSessions: v.boolean() };

/** What the caller wants to be told in this organization, and how. */
export const settings = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: {},
  returns: v.object(choices),
  handler: async (ctx) =>
    await choicesOf(ctx, { organizationId: ctx.caller.organizationId, userId: ctx.caller.user._id }),
});

/** Sets that; what was told already stays as it is. */
export const setSettings = orgMutation({
  min: "viewer",
  scope: "sessions:write",
  audit: { none: "how a person wants to be told is their own matter" },
  bounds: { channels: CHANNELS_LIMIT },
  args: choices,
  returns: v.null(),
  handler: async (ctx, { channels, allSessions }) => {
    const { organizationId, user } = ctx.caller;
    const each = Object.entries(channels).map(([kind, ways]) => [kind, [...new Set(ways)]]);
    await choose(
      ctx,
      { organizationId, userId: user._id },
      { channels: Object.fromEntries(each) as typeof channels, allSessions },
    );
    return null;
  },
});
