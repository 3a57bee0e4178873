import { defineTable } from "convex/server";
import { v } from "convex/values";
import { GIT_ACCESS } from "#domain/git.ts";
import { GREEN_ENDS, GREEN_PHASES } from "#domain/green.ts";
import { connectionFields, gitBase, namedBranch, pullRequest } from "../model/git.ts";
import { ofSession } from "../model/values.ts";
import { literals } from "../model/zod-validator.ts";

export const gitTables = {
  /** An organization's ways to git servers, their credentials encrypted: Convex never sees one. */
  gitConnections: defineTable({
    organizationId: v.id("organizations"),
    ...connectionFields,
    /** AES-256-GCM under the organization's data key; base64. */
    ciphertext: v.string(),
    /** Counts the credentials, and is part of what the encryption is bound to. */
    version: v.number(),
    last4: v.string(),
    updatedAt: v.number(),
    /** What its host signs webhooks with, encrypted in the same way; `version` counts those that there were. */
    hook: v.optional(v.object({ ciphertext: v.string(), version: v.number(), madeAt: v.number() })),
  }).index("by_slug", ["organizationId", "slug"]),

  /** What a session works on, and may fetch and push through Studio. */
  sessionRepositories: defineTable({
    ...ofSession,
    /** The slug of its connection. */
    connection: v.string(),
    repository: v.string(),
    /** The same as its server is asked for it. */
    remotePath: v.string(),
    /** Its folder in the workspace. */
    folder: v.string(),
    base: gitBase,
    /** Without it the session may push its own branches. */
    access: v.optional(literals(GIT_ACCESS)),
    /** Whether all of its history is fetched. */
    full: v.boolean(),
    /** The branch that the session works on. */
    branch: v.string(),
    /** Branches that people have named for this session. */
    named: v.array(namedBranch),
    pushedAt: v.optional(v.number()),
    pullRequest: v.optional(pullRequest),
    /** Comments of it that the agent was given, by their keys: the last of them. */
    handed: v.optional(v.array(v.string())),
  })
    .index("by_session", ["sessionId", "connection", "repository"])
    .index("by_pull_request", ["organizationId", "connection", "pullRequest.number"])
    .index("by_branch", ["organizationId", "connection", "branch"])
    .index("by_organization", ["organizationId"]),

  /** Deliveries of webhooks that were taken, for a day: one that comes again changes nothing. */
  gitDeliveries: defineTable({
    organizationId: v.id("organizations"),
    connectionId: v.id("gitConnections"),
    /** The host's own name of it, or a hash of what it says. */
    key: v.string(),
    takenAt: v.number(),
  })
    .index("by_key", ["connectionId", "key"])
    .index("by_taken", ["connectionId", "takenAt"])
    .index("by_organization", ["organizationId"]),

  /** A pull request that a person has the agent bring to green: at most one of each repository of a session. */
  greenPursuits: defineTable({
    ...ofSession,
    /** The repository's folder. */
    folder: v.string(),
    /** In whose name it works, and by which key of theirs. */
    userId: v.id("users"),
    keyId: v.optional(v.id("apiKeys")),
    maxAttempts: v.number(),
    maxCostMicroUsd: v.number(),
    attempts: v.number(),
    /** Of its runs that have ended; integer micro-USD. */
    costMicroUsd: v.number(),
    /** Attempts in a row that changed nothing. */
    fruitless: v.number(),
    phase: literals(GREEN_PHASES),
    /** Since when it looks for what has come of the last commit. */
    lookingSince: v.number(),
    /** Since when its host cannot be asked. */
    failingSince: v.optional(v.number()),
    /** The attempt's run, the pull request's last commit before it, and the comments that it is about. */
    runId: v.optional(v.id("runs")),
    head: v.optional(v.string()),
    handing: v.optional(v.array(v.string())),
    /** The commit that was pushed last. */
    pushed: v.optional(v.string()),
    /** When a server is to look again; 0 once it has ended. */
    dueAt: v.number(),
    /** Counts its claims: a server whose claim is no longer the last one changes nothing. */
    claim: v.number(),
    reason: v.nullable(literals(GREEN_ENDS)),
    detail: v.optional(v.string()),
    startedAt: v.number(),
    endedAt: v.optional(v.number()),
  })
    .index("by_session", ["sessionId", "folder"])
    .index("by_due", ["dueAt"])
    .index("by_organization", ["organizationId"]),
};
