import { defineTable } from "convex/server";
import { v } from "convex/values";
import { REFUSAL_REASONS } from "#domain/network.ts";
import { environment, networkPolicy, ofSession } from "../model/values.ts";
import { literals } from "../model/zod-validator.ts";

export const networkTables = {
  /** How far sandboxes may reach, per environment; without a row the default holds: see lib/domain/network.ts. */
  networkPolicies: defineTable({
    organizationId: v.id("organizations"),
    environment,
    ...networkPolicy,
    /** Counts the changes. */
    revision: v.number(),
    /** True until every live sandbox follows this revision. */
    pending: v.boolean(),
    /** Until when a server brings it to them, so that no two do. */
    claimedUntil: v.number(),
  })
    .index("by_environment", ["organizationId", "environment"])
    .index("by_pending", ["pending"]),

  /** What a session's sandbox was refused, each destination once. */
  networkRefusals: defineTable({
    ...ofSession,
    host: v.string(),
    port: v.number(),
    reason: literals(REFUSAL_REASONS),
  })
    .index("by_session_host", ["sessionId", "host", "port"])
    .index("by_organization", ["organizationId"]),
};
