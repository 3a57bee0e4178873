import { defineTable } from "convex/server";
import { v } from "convex/values";
import { agentRow } from "../model/agents.ts";
import { ofSession } from "../model/values.ts";

export const agentTables = {
  /** What an organization's agents are told to be. */
  agents: defineTable({
    organizationId: v.id("organizations"),
    ...agentRow,
    updatedAt: v.number(),
    /** When it was deleted: what was started with it still names it. */
    archivedAt: v.optional(v.number()),
  }).index("by_organization_archived_updated", ["organizationId", "archivedAt", "updatedAt"]),

  /** What a session's agent was when the session began; later changes of the agent don't reach it. */
  sessionAgents: defineTable({
    ...ofSession,
    agentId: v.id("agents"),
    ...agentRow,
    createdAt: v.number(),
    updatedAt: v.number(),
  })
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),
};
