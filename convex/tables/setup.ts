import { defineTable } from "convex/server";
import { v } from "convex/values";
import { BUILD_CAUSES, BUILD_STATUSES } from "#domain/setup.ts";
import { refusedHost } from "../model/network.ts";
import { environment, lockfileHash, setupFields } from "../model/values.ts";
import { literals } from "../model/zod-validator.ts";

const place = { organizationId: v.id("organizations"), environment, scope: v.string() };

export const setupTables = {
  /** The scripts that prepare new sandboxes, each for one place: an environment's project, or a repository in it. */
  setupScripts: defineTable({
    ...place,
    ...setupFields,
    /** What its scope means, where that is a repository, as it was named. */
    repository: v.optional(
      v.object({ connection: v.string(), repository: v.string(), remotePath: v.string() }),
    ),
    /** Counts the changes. */
    version: v.number(),
    /** Who saved it last: whose key reads the project while a snapshot is built. */
    userId: v.id("users"),
    updatedAt: v.number(),
    /** When a build of its snapshot is due, or, while one is at work, when another server may take it up; 0 for never. */
    dueAt: v.number(),
    dueCause: literals(BUILD_CAUSES),
  })
    .index("by_place", ["organizationId", "environment", "scope"])
    .index("by_due", ["dueAt"]),

  /** Builds of snapshots, the latest few of each place. */
  setupBuilds: defineTable({
    ...place,
    scriptVersion: v.number(),
    cause: literals(BUILD_CAUSES),
    /** What its sandbox was made of; another one makes the snapshot stale. */
    template: v.string(),
    status: literals(BUILD_STATUSES),
    startedAt: v.number(),
    endedAt: v.optional(v.number()),
    error: v.optional(v.string()),
    snapshotId: v.optional(v.string()),
    lockfiles: v.array(lockfileHash),
    /** Of the key that reads the project for it, while it is at work; and of the one that fetches its repository. */
    keyHash: v.optional(v.string()),
    gitKeyHash: v.optional(v.string()),
    /** The ref of its repository that it was made of. */
    ref: v.optional(v.string()),
    /** When a session last began with it, to the hour. */
    usedAt: v.number(),
    /** Of one that has begun: where its script runs, and what that was refused there. */
    sandboxId: v.optional(v.string()),
    refused: v.optional(v.array(refusedHost)),
    /** True while the sandbox service keeps a snapshot that nobody wants any longer. */
    cleanupPending: v.boolean(),
  })
    .index("by_place", ["organizationId", "environment", "scope"])
    .index("by_sandbox", ["sandboxId"])
    .index("by_cleanup", ["cleanupPending"])
    .index("by_status_used", ["status", "usedAt"]),

  /** What a build's script printed; apart from the build, since it grows. */
  setupOutputs: defineTable({
    organizationId: v.id("organizations"),
    buildId: v.id("setupBuilds"),
    text: v.string(),
  })
    .index("by_build", ["buildId"])
    .index("by_organization", ["organizationId"]),
};
