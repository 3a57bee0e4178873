import { defineTable } from "convex/server";
import { v } from "convex/values";
import { WEBHOOK_STATES } from "#domain/webhooks.ts";
import { ofSession } from "../model/values.ts";
import { literals } from "../model/zod-validator.ts";

/** Runs that programs start: what they were asked for under, and who is told of their ends. */
export const webhookTables = {
  /** What was asked for once under a name of its caller's, so that asking again makes no second one. */
  runRequests: defineTable({
    ...ofSession,
    userId: v.id("users"),
    key: v.string(),
    runId: v.id("runs"),
    /** SHA-256 of the request; nothing of those from before it was noted, which stay for a day. */
    digest: v.optional(v.string()),
  })
    .index("by_person_key", ["organizationId", "userId", "key"])
    .index("by_organization", ["organizationId"]),

  /** One of a run: it is `waiting` until that ends, and `due` until somebody has taken its delivery. */
  runWebhooks: defineTable({
    ...ofSession,
    runId: v.id("runs"),
    url: v.string(),
    /** What deliveries are signed with, sealed with the organization's data key. */
    ciphertext: v.string(),
    /** The name under which it is sealed. */
    sealedFor: v.string(),
    status: literals(WEBHOOK_STATES),
    attempts: v.number(),
    /** When it is looked at next; while an attempt is under way, when that counts as lost. */
    dueAt: v.number(),
    /** HTTP status of the last attempt, or why there was none. */
    lastStatus: v.optional(v.number()),
    lastError: v.optional(v.string()),
    deliveredAt: v.optional(v.number()),
  })
    .index("by_run", ["runId"])
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"])
    .index("by_status_due", ["status", "dueAt"]),
};
