import { defineTable } from "convex/server";
import { v } from "convex/values";
import { workspaceFault } from "#domain/project/workspace.ts";
import { ofSession, projectKind, workspaceChange } from "../model/values.ts";
import { validatorOf } from "../model/zod-validator.ts";

/** One definition that a workspace has otherwise. */
export const listedChange = v.object({
  kind: projectKind,
  slug: v.string(),
  change: workspaceChange,
  file: v.string(),
  /** Of the text in the workspace; null where it is deleted there. */
  hash: v.nullable(v.string()),
  /** Of the text at the base; null where it was not there. */
  before: v.nullable(v.string()),
});
export const listedFault = validatorOf(workspaceFault);

/** What sessions have made of the project in their workspaces. */
export const sessionProjectTables = {
  /** What a session's workspace has otherwise than what was pulled, as of the last look; the texts are beside it. */
  sessionProjects: defineTable({
    ...ofSession,
    /** The revision that the workspace is compared with. */
    base: v.number(),
    changes: v.array(listedChange),
    /** Changes that found no room in the list. */
    unlisted: v.number(),
    faults: v.array(listedFault),
    /** Hashes of the texts that are kept. */
    kept: v.array(v.string()),
    /** When the workspace was looked at; null before the first time. */
    at: v.nullable(v.number()),
    /** Why the last look came to nothing; null where it did not. */
    problem: v.nullable(v.string()),
    /** It is compared with no earlier revision: one that was pushed from here, or that a person has chosen. */
    atLeast: v.number(),
    /** The last push from this session. */
    pushed: v.nullable(v.object({ revision: v.number(), at: v.number() })),
  })
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),

  /** Texts of definitions that a session's workspace has changed. */
  sessionDefinitions: defineTable({
    ...ofSession,
    kind: projectKind,
    slug: v.string(),
    hash: v.string(),
    text: v.string(),
    bytes: v.number(),
  })
    .index("by_hash", ["sessionId", "hash"])
    .index("by_organization", ["organizationId"]),
};
