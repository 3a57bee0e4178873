import { defineTable } from "convex/server";
import { v } from "convex/values";
import { environment, projectKind, projectSource } from "../model/values.ts";

const place = { organizationId: v.id("organizations"), environment };

/** The project: agents, entity types, roles, triggers and files of an organization, per environment. */
export const projectTables = {
  projectDefinitions: defineTable({
    ...place,
    kind: projectKind,
    slug: v.string(),
    /** JSON text: schemas in it have names such as `$ref`, which the data model does not allow. */
    definition: v.string(),
  }).index("by_slug", ["organizationId", "environment", "kind", "slug"]),

  /** What an environment has at its present revision, without the texts: one row each, so that a look at it is cheap. */
  projectHeads: defineTable({
    ...place,
    /** Counts the changes of the environment, from 0. */
    revision: v.number(),
    entries: v.array(
      v.object({
        kind: projectKind,
        slug: v.string(),
        /** Of the JSON text, SHA-256. */
        hash: v.string(),
        /** Counts the definition's own changes, from 1. */
        version: v.number(),
        bytes: v.number(),
      }),
    ),
    updatedAt: v.number(),
  }).index("by_environment", ["organizationId", "environment"]),

  /** One change of an environment: who, when, from where, and how much. */
  projectPushes: defineTable({
    ...place,
    revision: v.number(),
    /** Undefined for what was there before changes were kept. */
    authorId: v.optional(v.id("users")),
    keyId: v.optional(v.id("apiKeys")),
    source: projectSource,
    /** The session whose workspace it came from. */
    sessionId: v.optional(v.id("sandboxSessions")),
    /** The revision that it took back. */
    undoes: v.optional(v.number()),
    /** The revision that took it back, while it counts. */
    undoneBy: v.optional(v.number()),
    at: v.number(),
    created: v.number(),
    updated: v.number(),
    deleted: v.number(),
  })
    .index("by_revision", ["organizationId", "environment", "revision"])
    .index("by_session", ["sessionId", "at"]),

  /** What a definition was from one of its changes to the next. */
  projectVersions: defineTable({
    ...place,
    kind: projectKind,
    slug: v.string(),
    version: v.number(),
    /** The change that made it. */
    revision: v.number(),
    /** JSON text; null where it was deleted. */
    definition: v.union(v.string(), v.null()),
    restoredFrom: v.optional(v.number()),
  })
    .index("by_version", ["organizationId", "environment", "kind", "slug", "version"])
    .index("by_revision", ["organizationId", "environment", "revision"]),
};
