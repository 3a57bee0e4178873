import { defineTable } from "convex/server";
import { v } from "convex/values";
import { MCP_LISTS, mcpFound, mcpServerFields, mcpToolParts, mcpTools } from "../model/mcp.ts";
import { literals } from "../model/zod-validator.ts";

export const mcpTables = {
  /** An organization's MCP servers, the values of their variables and headers encrypted: Convex never sees one. */
  mcpServers: defineTable({
    organizationId: v.id("organizations"),
    ...mcpServerFields,
    ...mcpFound,
    /** Whether sessions get it. */
    enabled: v.boolean(),
    testedAt: v.optional(v.number()),
    /** Digests of the tools that agents get, and of those that it was last found to offer. */
    approvedDigest: v.optional(v.string()),
    foundDigest: v.optional(v.string()),
    toolsCount: v.number(),
    /** The tools that agents get, in short: a session's start reads these of all its servers. */
    approvedParts: v.optional(mcpToolParts),
    /** AES-256-GCM under the organization's data key; base64. */
    ciphertext: v.string(),
    /** Counts what was sealed, and is part of what the encryption is bound to. */
    version: v.number(),
    updatedAt: v.number(),
    /** When Studio looks at it again by itself, while it is on. */
    dueAt: v.optional(v.number()),
  })
    .index("by_name", ["organizationId", "name"])
    .index("by_due", ["dueAt"]),

  /** What a server offers, one row of up to 400 kB a list. */
  mcpToolLists: defineTable({
    organizationId: v.id("organizations"),
    serverId: v.id("mcpServers"),
    list: literals(MCP_LISTS),
    ...mcpTools,
    at: v.number(),
  })
    .index("by_server_list", ["serverId", "list"])
    .index("by_organization", ["organizationId"]),

  /** Which servers a session has, with the tools that were approved when it got them. */
  sessionMcpServers: defineTable({
    organizationId: v.id("organizations"),
    sessionId: v.id("sandboxSessions"),
    serverId: v.id("mcpServers"),
    name: v.string(),
    digest: v.string(),
    /** Names of its tools, to tell them from the agent's own. */
    toolNames: v.array(v.string()),
    /** What each was then, in the same order; without it in rows from before it was kept. */
    toolHashes: v.optional(v.array(v.string())),
    /** What the sandbox has said last of it, and how often that changed. */
    isConnected: v.optional(v.boolean()),
    reports: v.optional(v.number()),
  })
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),
};
