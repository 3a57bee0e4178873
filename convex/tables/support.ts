import { defineTable } from "convex/server";
import { v } from "convex/values";

/** An organization's consent that the operator reads its sessions: see docs/adr/0039-support-access.md. */
export const supportTables = {
  /** One an organization at a time: only the latest can hold. */
  supportGrants: defineTable({
    organizationId: v.id("organizations"),
    /** The admin who granted it. */
    userId: v.id("users"),
    reason: v.string(),
    /** Epoch milliseconds: from then on it holds no more. */
    until: v.number(),
    /** When it ended, by its time or by an admin; without it, `until` alone says. */
    endedAt: v.optional(v.number()),
  }).index("by_organization", ["organizationId"]),

  /** What an operator has looked at, as both audits say, and until when that covers further reads. Gone with its grant. */
  supportLooks: defineTable({
    organizationId: v.id("organizations"),
    grantId: v.id("supportGrants"),
    /** The operator's address. */
    by: v.string(),
    /** Without it, the list of sessions. */
    sessionId: v.optional(v.id("sandboxSessions")),
    until: v.number(),
  })
    .index("by_organization", ["organizationId"])
    .index("by_session", ["sessionId"])
    .index("by_grant", ["grantId", "by", "sessionId"]),
};
