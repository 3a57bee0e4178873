import { defineTable } from "convex/server";
import { v } from "convex/values";
import { CHECKPOINT_CAUSES, CHECKPOINT_STATUSES } from "#domain/checkpoints.ts";
import { leftOut, ofSession } from "../model/values.ts";
import { literals } from "../model/zod-validator.ts";

export const checkpointTables = {
  /**
   * Copies of a session's work outside of its sandbox. The row is there before its bytes are stored, and goes after they
   * are removed: nothing is stored that no row names.
   */
  checkpoints: defineTable({
    ...ofSession,
    status: literals(CHECKPOINT_STATUSES),
    cause: literals(CHECKPOINT_CAUSES),
    /** The last event of the log when it was begun. */
    seq: v.number(),
    /** Names the server's try, so that the answer to another one says nothing of it. */
    storedAs: v.string(),
    startedAt: v.number(),
    verifiedAt: v.optional(v.number()),
    /** Those of a chain lean on each other, from its place 0 on, which is whole. */
    chain: v.number(),
    place: v.number(),
    /** Of what is stored. */
    bytes: v.number(),
    sha256: v.optional(v.string()),
    /** Git's names of the checkpoint, and of the workspace in it. */
    commit: v.optional(v.string()),
    tree: v.optional(v.string()),
    files: v.number(),
    workspaceBytes: v.number(),
    leftOut: v.array(leftOut),
    leftOutCount: v.number(),
  })
    .index("by_session_status", ["sessionId", "status"])
    .index("by_session_chain", ["sessionId", "status", "chain", "place"])
    .index("by_status_started", ["status", "startedAt"])
    .index("by_organization", ["organizationId"]),

  /** When a session is to be saved, and how the last tries went: apart from the session, which lists read. */
  sessionSaves: defineTable({
    ...ofSession,
    /** When a checkpoint is due; 0 for never. */
    dueAt: v.number(),
    cause: literals(CHECKPOINT_CAUSES),
    /** How often it failed, one time after another, and why the last time. */
    failures: v.number(),
    error: v.optional(v.string()),
  })
    .index("by_session", ["sessionId"])
    .index("by_due", ["dueAt"])
    .index("by_organization", ["organizationId"]),

  /** What an organization's checkpoints take up; it changes with each of them. */
  checkpointUsage: defineTable({ organizationId: v.id("organizations"), bytes: v.number() }).index(
    "by_organization",
    ["organizationId"],
  ),
};
