import { defineTable } from "convex/server";
import { v } from "convex/values";
import { ofSession } from "../model/values.ts";

export const sandboxTables = {
  /** Room on the machine for one live sandbox: whose it is, and who waits for it. Without a limit there are none. */
  sandboxSlots: defineTable({
    ...ofSession,
    state: v.union(v.literal("held"), v.literal("waiting")),
    /** When the session began to wait, or got its room at once. */
    since: v.number(),
  })
    .index("by_state", ["state", "since"])
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),

  /** Sandboxes with an agent that has been started for nobody. A claim deletes the row: nobody else can make it. */
  warmSandboxes: defineTable({
    /** What it is made of: one of another kind is claimed by nobody, and ended. */
    kind: v.string(),
    state: v.union(v.literal("starting"), v.literal("ready"), v.literal("ending")),
    sandboxId: v.optional(v.string()),
    /** The process of its bridge. */
    bridge: v.optional(v.number()),
    /** Until when it must be ready; once it is, until when it may be claimed. */
    until: v.number(),
  })
    .index("by_state", ["state", "until"])
    .index("by_sandbox", ["sandboxId"]),
};
