import { defineTable } from "convex/server";
import { v } from "convex/values";
import { RULE_ACTIONS, RULE_SCOPES } from "#domain/rules/rule.ts";
import { environment } from "../model/values.ts";
import { literals } from "../model/zod-validator.ts";

export const ruleTables = {
  /** What agents may do without being asked about, may not do, or are asked about. */
  approvalRules: defineTable({
    organizationId: v.id("organizations"),
    scope: literals(RULE_SCOPES),
    /** Where it counts, as one text: its scope, and what of that scope. */
    place: v.string(),
    agentId: v.optional(v.id("agents")),
    environment: v.optional(environment),
    sessionId: v.optional(v.id("sandboxSessions")),
    name: v.string(),
    pattern: v.string(),
    action: literals(RULE_ACTIONS),
    /** The higher one counts first; of the same, the older. */
    priority: v.number(),
    enabled: v.boolean(),
    /** True where someone made it, or changed it last, who may make rules for everyone. */
    isAdmins: v.boolean(),
    createdById: v.id("users"),
    /** Who changed it last, where that was after it was made. */
    changedById: v.optional(v.id("users")),
    updatedAt: v.number(),
    /** The day on which it last decided something, or had something asked: written once a day at most. */
    usedAt: v.optional(v.number()),
    /** Of a rule from before its use was noted: since when it is. */
    usedFrom: v.optional(v.number()),
  })
    .index("by_place", ["organizationId", "place", "priority"])
    .index("by_session", ["sessionId"]),
};
