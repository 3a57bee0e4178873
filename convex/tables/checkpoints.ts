import { defineTable } from "convex/server";
import { v } from "convex/values";
import { CHECKPOINT_CAUSES, CHECKPOINT_STATUSES } from "#domain/checkpoints.ts";
import { REWIND_PARTS, REWIND_STATUSES } from "#domain/rewind.ts";
import { leftOut, ofSession, rewindCounts } from "../model/values.ts";
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
    /** When its server last said that it is still at it; absent where it never says so. */
    aliveAt: v.optional(v.number()),
    /** The agent's own id of the conversation that went on then. */
    agentSessionId: v.optional(v.string()),
    /**
     * Of a branch's: where it was taken, and whether the branch began with it or it only leans on it. What is stored
     * belongs to both sessions, and goes with the last row that names it.
     */
    origin: v.optional(
      v.object({ sessionId: v.id("sandboxSessions"), seq: v.number(), isStart: v.boolean() }),
    ),
    verifiedAt: v.optional(v.number()),
    /** Those of a chain lean on each other, from its place 0 on, which is whole. */
    chain: v.number(),
    place: v.number(),
    /** Of what is stored, before it is sealed. */
    bytes: v.number(),
    sha256: v.optional(v.string()),
    /** The key that sealed what is stored; absent in checkpoints from before that was done. */
    keyId: v.optional(v.id("checkpointKeys")),
    /** Git's names of the checkpoint, and of the workspace in it. */
    commit: v.optional(v.string()),
    tree: v.optional(v.string()),
    files: v.number(),
    workspaceBytes: v.number(),
    leftOut: v.array(leftOut),
    leftOutCount: v.number(),
    /**
     * The turn whose end it shows, null before the first; absent where a turn was at work while it was taken, and in
     * checkpoints from before this was noted.
     */
    turn: v.optional(v.nullable(v.id("runs"))),
    /** Where in the log that turn ended, 0 before the first; absent where its files are of another turn. */
    turnSeq: v.optional(v.number()),
    /** True once all of it was read in the sandbox: what a next turn changes is not in it. */
    isTaken: v.optional(v.boolean()),
    /** The rewind whose outcome it holds, and the lease under which that was made. */
    ofRewind: v.optional(v.object({ rewindId: v.id("sessionRewinds"), generation: v.number() })),
  })
    .index("by_session_status", ["sessionId", "status"])
    .index("by_session_chain", ["sessionId", "status", "chain", "place"])
    .index("by_stored", ["storedAs"])
    .index("by_status_started", ["status", "startedAt"])
    .index("by_organization", ["organizationId"]),

  /** Orders to bring a session back to an earlier state, and what became of them: see convex/model/rewind.ts. */
  sessionRewinds: defineTable({
    ...ofSession,
    userId: v.id("users"),
    status: literals(REWIND_STATUSES),
    what: literals(REWIND_PARTS),
    /** Events behind this one, up to the rewind's own, are set aside where the conversation goes back. */
    toSeq: v.number(),
    /** The last turn that stays; null for none. */
    turn: v.nullable(v.id("runs")),
    /** Where in the log that turn ended; 0 for none. */
    turnSeq: v.number(),
    /** What it goes back to; null where only the conversation does, to its beginning. */
    checkpointId: v.nullable(v.id("checkpoints")),
    /** How the last turn had left the files: what differs from it was changed by hand. */
    baseId: v.optional(v.id("checkpoints")),
    overwrite: v.array(v.string()),
    keep: v.array(v.string()),
    /** The rewind that this one takes back. */
    undoes: v.optional(v.id("sessionRewinds")),
    isUndone: v.optional(v.boolean()),
    /** The last turn before it, and where that ended. */
    turnBefore: v.nullable(v.id("runs")),
    turnSeqBefore: v.number(),
    /** What was there before, once that is saved: it is gone back to where the rewind is undone. */
    undoId: v.optional(v.id("checkpoints")),
    /** What became of the files: some that had to stay, and how many were replaced. */
    kept: v.optional(v.array(v.string())),
    counts: v.optional(rewindCounts),
    /** The lease under which it was last taken up. */
    generation: v.optional(v.number()),
    /** The event that says what became of it. */
    seq: v.optional(v.number()),
  })
    .index("by_session", ["sessionId"])
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
    /** When a person last worked in the sandbox by hand; absent where the agent has been alone in it. */
    workedAt: v.optional(v.number()),
  })
    .index("by_session", ["sessionId"])
    .index("by_due", ["dueAt"])
    .index("by_organization", ["organizationId"]),

  /** The names of checkpoints whose bytes Convex's file storage keeps, where the operator has chosen that. */
  checkpointFiles: defineTable({ storedAs: v.string(), storageId: v.id("_storage") })
    .index("by_stored", ["storedAs"])
    .index("by_file", ["storageId"]),

  /**
   * Keys that seal an organization's checkpoints, each wrapped by the operator's key of that version. The latest seals;
   * the others open what they have sealed.
   */
  checkpointKeys: defineTable({
    organizationId: v.id("organizations"),
    wrapped: v.string(),
    kekVersion: v.number(),
  })
    .index("by_organization", ["organizationId"])
    .index("by_version", ["kekVersion"]),

  /** Until when files without a name were looked for: one row. */
  fileSweeps: defineTable({ lookedUntil: v.number() }),

  /** What an organization's checkpoints take up; it changes with each of them. */
  checkpointUsage: defineTable({ organizationId: v.id("organizations"), bytes: v.number() }).index(
    "by_organization",
    ["organizationId"],
  ),
};
