import { defineTable } from "convex/server";
import { v } from "convex/values";
import { DELIVERY_STATES, DESTINATION_KINDS, OUTSIDE_CHANNELS } from "#domain/deliveries.ts";
import { NOTIFICATION_KINDS } from "#domain/notifications.ts";
import { channelsByKind, notificationKinds, ofSession } from "../model/values.ts";
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

  /** What leaves Studio, one for each recipient and way, written with what it tells of: see model/deliveries.ts. */
  notificationDeliveries: defineTable({
    ...ofSession,
    channel: literals(OUTSIDE_CHANNELS),
    /** Whom it goes to: a member, for whom there is a notification, too; or a destination of the organization's. */
    userId: v.optional(v.id("users")),
    notificationId: v.optional(v.id("notifications")),
    destinationId: v.optional(v.id("notificationDestinations")),
    kind: literals(NOTIFICATION_KINDS),
    runId: v.optional(v.id("runs")),
    key: v.optional(v.string()),
    title: v.string(),
    text: v.string(),
    status: literals(DELIVERY_STATES),
    attempts: v.number(),
    /** When it is looked at next; while an attempt is under way, when that counts as lost. */
    dueAt: v.number(),
    /** When the last attempt began. */
    triedAt: v.optional(v.number()),
    /** True while it waits since its recipient was told enough within an hour. */
    isHeld: v.optional(v.boolean()),
    /** How many others it tells of in one count. */
    more: v.optional(v.number()),
    /** True where it is over itself, and is sent for the others alone. */
    isOver: v.optional(v.boolean()),
    /** Of the last attempt: HTTP's or SMTP's code, and what went wrong. */
    lastStatus: v.optional(v.number()),
    lastError: v.optional(v.string()),
    deliveredAt: v.optional(v.number()),
  })
    .index("by_status_due", ["status", "dueAt"])
    .index("by_status_organization", ["status", "organizationId", "dueAt"])
    .index("by_status_organization_channel", ["status", "organizationId", "channel", "dueAt"])
    .index("by_recipient_tried", ["organizationId", "channel", "userId", "destinationId", "triedAt"])
    .index("by_recipient_held", ["organizationId", "channel", "userId", "destinationId", "isHeld"])
    .index("by_request", ["runId", "kind", "key"])
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),

  /** Browsers that take pushes for a member, until they say that they don't any more. */
  pushSubscriptions: defineTable({
    organizationId: v.id("organizations"),
    userId: v.id("users"),
    /** Where the browser's maker takes them, and what they are encrypted for. */
    endpoint: v.string(),
    p256dh: v.string(),
    auth: v.string(),
  })
    .index("by_member", ["organizationId", "userId"])
    .index("by_endpoint", ["endpoint"]),

  /** Where an organization is told of what happens in all of its sessions. Its address is sealed: who has it may post. */
  notificationDestinations: defineTable({
    organizationId: v.id("organizations"),
    kind: literals(DESTINATION_KINDS),
    name: v.string(),
    /** What of its address is shown. */
    host: v.string(),
    kinds: notificationKinds,
    /** False also where Studio has turned it off, with `offBecause`. */
    enabled: v.boolean(),
    offBecause: v.optional(v.string()),
    /** `{url, secret?}` as JSON, sealed with the organization's data key under the name `sealedFor`. */
    ciphertext: v.string(),
    sealedFor: v.string(),
    /** Deliveries in succession that were given up. */
    failures: v.number(),
    lastError: v.optional(v.string()),
    lastDeliveredAt: v.optional(v.number()),
    updatedAt: v.number(),
  }).index("by_organization", ["organizationId"]),
};
