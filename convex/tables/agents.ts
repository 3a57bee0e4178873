import { defineTable } from "convex/server";
import { v } from "convex/values";
import { agentRow } from "../model/agents.ts";
import { sandboxMade } from "../model/session-made.ts";
import { fixedMeans, sessionPin } from "../model/session-pins.ts";
import { ofSession } from "../model/values.ts";

export const agentTables = {
  /** What an organization's agents are told to be. */
  agents: defineTable({
    organizationId: v.id("organizations"),
    ...agentRow,
    /** Its present version; without it, its versions begin with its next change. */
    revision: v.optional(v.number()),
    updatedAt: v.number(),
    /** When it was deleted: what was started with it still names it. */
    archivedAt: v.optional(v.number()),
  }).index("by_organization_archived_updated", ["organizationId", "archivedAt", "updatedAt"]),

  /** What agents were told to be: the last versions of each, the present one among them. */
  agentVersions: defineTable({
    organizationId: v.id("organizations"),
    agentId: v.id("agents"),
    revision: v.number(),
    ...agentRow,
    /** Nobody is known of what an agent was before its versions were kept. */
    authorId: v.optional(v.id("users")),
    /** The earlier version that it brought back. */
    restoredFrom: v.optional(v.number()),
    at: v.number(),
  })
    .index("by_agent_revision", ["agentId", "revision"])
    .index("by_organization", ["organizationId"]),

  /** What a session's agent was when the session began; later changes of the agent don't reach it. */
  sessionAgents: defineTable({
    ...ofSession,
    agentId: v.id("agents"),
    revision: v.optional(v.number()),
    ...agentRow,
    createdAt: v.number(),
    updatedAt: v.number(),
  })
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),

  /** What else a session began with: its model's price, its skills' texts, and the rules that counted. */
  sessionPins: defineTable({
    ...ofSession,
    ...sessionPin,
    /** What its first sandbox was made of; not known before there is one, and of sessions from before it was kept. */
    made: v.optional(sandboxMade),
    fixed: v.optional(fixedMeans),
    at: v.number(),
  })
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),
};
