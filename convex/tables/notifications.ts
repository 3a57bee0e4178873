import { defineTable } from "convex/server";
import { v } from "convex/values";
import { NOTIFICATION_KINDS } from "#domain/notifications.ts";
import { channelsByKind, ofSession } from "../model/values.ts";
import { literals } from "../model/zod-validator.ts";

export const notificationTables = {
  /** What a person is told, written with what it tells of: see model/notifications.ts. */
  notifications: defineTable({
    ...ofSession,
    userId: v.id("users"),
    kind: literals(NOTIFICATION_KINDS),
    runId: v.optional(v.id("runs")),
    /** Of the request or the question that it tells of. */
    key: v.optional(v.string()),
    title: v.string(),
    text: v.string(),
    /** Whether it is in the page's list; else it was only for other channels. */
    inPage: v.boolean(),
    /** Whether the browser shows it. */
    inBrowser: v.boolean(),
    /** Counts the person's in their organization, from 1. */
    place: v.number(),
    readAt: v.optional(v.number()),
    /** When what it tells of was over: nobody waits for the person any more. */
    goneAt: v.optional(v.number()),
  })
    .index("by_person_place", ["organizationId", "userId", "place"])
    .index("by_person", ["organizationId", "userId", "inPage"])
    .index("by_person_unread", ["organizationId", "userId", "inPage", "goneAt", "readAt"])
    .index("by_person_kind", ["organizationId", "userId", "inPage", "kind", "goneAt"])
    .index("by_request", ["runId", "kind", "key"])
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),

  /** What a member wants to be told, and how; without a row, what lib/domain/notifications.ts has as the default. */
  notificationChoices: defineTable({
    organizationId: v.id("organizations"),
    userId: v.id("users"),
    channels: channelsByKind,
    /** True where they are told of requests in sessions that they have no part in, too. */
    allSessions: v.boolean(),
  })
    .index("by_member", ["organizationId", "userId"])
    .index("by_all", ["organizationId", "allSessions"]),
};
