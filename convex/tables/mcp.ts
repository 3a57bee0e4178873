import { defineTable } from "convex/server";
import { v } from "convex/values";
import {
  MCP_LISTS,
  mcpCalls,
  mcpFailure,
  mcpFound,
  mcpServerFields,
  mcpSignedIn,
  mcpToolParts,
  mcpTools,
} from "../model/mcp.ts";
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
    ...mcpSignedIn,
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

  /** Lists that were approved before, the last few of each server: sessions that got them show what is different. */
  mcpPastLists: defineTable({
    organizationId: v.id("organizations"),
    serverId: v.id("mcpServers"),
    digest: v.string(),
    tools: v.string(),
    at: v.number(),
  })
    .index("by_server_digest", ["serverId", "digest"])
    .index("by_server_at", ["serverId", "at"])
    .index("by_organization", ["organizationId"]),

  /** A server's calls of one day (UTC): at most `MCP_DAYS` of them are kept. */
  mcpDaily: defineTable({
    organizationId: v.id("organizations"),
    serverId: v.id("mcpServers"),
    day: v.string(),
    ...mcpCalls,
    failures: v.array(mcpFailure),
  })
    .index("by_server_day", ["serverId", "day"])
    .index("by_organization", ["organizationId"]),

  /** What a remote server has given Studio for a person who signed in there: tokens, sealed. One row a server. */
  mcpGrants: defineTable({
    organizationId: v.id("organizations"),
    serverId: v.id("mcpServers"),
    /** AES-256-GCM under the organization's data key; base64. */
    ciphertext: v.string(),
    /** Counts what was sealed: who refreshes a token says what was there before. */
    version: v.number(),
    /** When its token ends; without it where the server didn't say. */
    expiresAt: v.optional(v.number()),
    /** Until then one of Studio's servers fetches the next token: a refresh token may count only once. */
    refreshUntil: v.optional(v.number()),
  })
    .index("by_server", ["serverId"])
    .index("by_organization", ["organizationId"]),

  /** Sign-ins that people have begun and not come back from: one row a server and person. */
  mcpSignIns: defineTable({
    organizationId: v.id("organizations"),
    serverId: v.id("mcpServers"),
    userId: v.id("users"),
    /** Of the state that comes back with the person. */
    stateHash: v.string(),
    ciphertext: v.string(),
    expiresAt: v.number(),
  })
    .index("by_state", ["stateHash"])
    .index("by_server_user", ["serverId", "userId"])
    .index("by_expiry", ["expiresAt"])
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
    /** Of a session that repeats another one: its agent gets those of the names above alone. */
    isNarrowed: v.optional(v.boolean()),
    /** What the sandbox has said last of it, and how often that changed. */
    isConnected: v.optional(v.boolean()),
    reports: v.optional(v.number()),
    /** How often the session has waited for it. */
    waits: v.optional(v.number()),
  })
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),
};
