import { defineTable } from "convex/server";
import { v } from "convex/values";
import { IMPORT_FORMATS } from "#domain/import-limits.ts";
import { ofSession } from "../model/values.ts";
import { literals } from "../model/zod-validator.ts";

export const importTables = {
  /** Where a read-only session comes from, and how far its import has come: nobody finds it before that is `done`. */
  sessionImports: defineTable({
    ...ofSession,
    userId: v.id("users"),
    state: v.union(v.literal("importing"), v.literal("done"), v.literal("abandoned")),
    format: literals(IMPORT_FORMATS),
    /** Bytes of its events as JSON. */
    bytes: v.number(),
    /** While it is importing: when its next piece must have come. */
    deadlineAt: v.number(),
  })
    .index("by_session", ["sessionId"])
    .index("by_organization_state", ["organizationId", "state"])
    .index("by_state_deadline", ["state", "deadlineAt"]),

  /** The log of an imported session, apart from the logs that Studio writes: its ids are no ids of ours. */
  importedEvents: defineTable({
    ...ofSession,
    /** 0 is what stands beside the events in the file; a file of events alone has none. */
    seq: v.number(),
    type: v.string(),
    /** The event as its file has it, as JSON text. */
    text: v.string(),
  })
    .index("by_session_seq", ["sessionId", "seq"])
    .index("by_organization", ["organizationId"]),
};
