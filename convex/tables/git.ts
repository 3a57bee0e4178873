import { defineTable } from "convex/server";
import { v } from "convex/values";
import { connectionFields, gitBase, namedBranch, pullRequest } from "../model/git.ts";
import { ofSession } from "../model/values.ts";

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
    /** Whether all of its history is fetched. */
    full: v.boolean(),
    /** The branch that the session works on. */
    branch: v.string(),
    /** Branches that people have named for this session. */
    named: v.array(namedBranch),
    pushedAt: v.optional(v.number()),
    pullRequest: v.optional(pullRequest),
  })
    .index("by_session", ["sessionId", "connection", "repository"])
    .index("by_organization", ["organizationId"]),
};
