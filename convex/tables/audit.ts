import { defineTable } from "convex/server";
import { v } from "convex/values";
import { auditActor, auditChannel } from "../model/values.ts";

export const auditTables = {
  /**
   * Who changed what that matters; never the secret itself. People stand here by their id alone: a name is looked up
   * when it is shown.
   */
  auditEntries: defineTable({
    organizationId: v.id("organizations"),
    userId: v.optional(v.id("users")),
    /** Who it was, in words: of entries from before people stood here by their id alone. */
    actor: v.optional(v.string()),
    actorKind: v.optional(auditActor),
    keyId: v.optional(v.id("apiKeys")),
    keyLast4: v.optional(v.string()),
    label: v.optional(v.string()),
    action: v.string(),
    /** The part of `action` before its dot. */
    area: v.optional(v.string()),
    target: v.optional(v.string()),
    targetUserId: v.optional(v.id("users")),
    /** JSON text, bounded: see lib/domain/audit.ts. */
    before: v.optional(v.string()),
    after: v.optional(v.string()),
    via: v.optional(auditChannel),
    address: v.optional(v.string()),
  })
    .index("by_organization", ["organizationId"])
    .index("by_organization_user", ["organizationId", "userId"])
    .index("by_organization_action", ["organizationId", "action"])
    .index("by_organization_area", ["organizationId", "area"]),
};
