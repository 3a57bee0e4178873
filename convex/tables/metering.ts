import { defineTable } from "convex/server";
import { v } from "convex/values";

/** How long sandboxes run, and what that costs. */
export const meteringTables = {
  /**
   * A sandbox that an organization has, from the moment it is theirs until it is known to be gone. All of its time up to
   * `countedUntil` is in the roll-ups and on the bill, nothing behind that is: so each second is counted once.
   */
  sandboxMeters: defineTable({
    organizationId: v.id("organizations"),
    /** Whose it is; one of a set-up build has none. */
    sessionId: v.optional(v.id("sandboxSessions")),
    userId: v.optional(v.id("users")),
    sandboxId: v.string(),
    vcpus: v.number(),
    memoryMb: v.number(),
    /** What a second costs, as it was when the sandbox was created; integer nano-USD. */
    vcpuNanoUsd: v.number(),
    gbNanoUsd: v.number(),
    startedAt: v.number(),
    countedUntil: v.number(),
    /** Of what is counted; integer micro-USD. */
    costMicroUsd: v.number(),
    endedAt: v.optional(v.number()),
    /** True where it was found gone, and no server has said yet that it has ended it. */
    wasFoundGone: v.optional(v.boolean()),
    /** When it is looked at again; without it, never again. */
    lookAt: v.optional(v.number()),
  })
    .index("by_sandbox", ["sandboxId"])
    .index("by_session", ["sessionId"])
    .index("by_look", ["lookAt"])
    .index("by_organization", ["organizationId"]),

  /** How long an organization's sandboxes ran in a month (UTC) in all, added up with each step of a meter. */
  sandboxMonths: defineTable({
    organizationId: v.id("organizations"),
    /** `2026-11`. */
    month: v.string(),
    sandboxMs: v.number(),
    costMicroUsd: v.number(),
  }).index("by_month", ["organizationId", "month"]),

  /** What the operator has set for all sandboxes, as the servers have it; one row. Without it nothing costs or ends. */
  sandboxTerms: defineTable({
    vcpuNanoUsd: v.number(),
    gbNanoUsd: v.number(),
    /** Hours of a month for an organization that has set none; 0 for no limit. */
    monthlyHours: v.number(),
    /** Before that, the sandbox service is not asked for one more: it has refused one. */
    fullUntil: v.optional(v.number()),
    /** How long it was not asked after its last refusal, until it has created one; milliseconds. */
    fullForMs: v.optional(v.number()),
  }),
};
