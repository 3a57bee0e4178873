import { defineTable } from "convex/server";
import { v } from "convex/values";
import { OPERATOR_ACTIONS, OPERATOR_CHANNELS } from "#domain/operator.ts";
import { literals } from "../model/zod-validator.ts";

/** What the operator's console has of its own. None of it is an organization's: it is in no export, and stays. */
export const operatorTables = {
  /** Every act of an operator. An organization stands here by its slug too, since its row may go. Kept for good. */
  operatorAudit: defineTable({
    /** The operator's address; of a command on the machine, which. */
    by: v.string(),
    via: literals(OPERATOR_CHANNELS),
    address: v.optional(v.string()),
    action: literals(OPERATOR_ACTIONS),
    organization: v.string(),
    slug: v.string(),
    /** What of the organization it was done to, such as a session. */
    target: v.optional(v.string()),
    reason: v.string(),
    amountMicroUsd: v.optional(v.number()),
  }).index("by_organization", ["organization"]),

  /** How many runs and sessions failed in an hour, by the kind of the error. */
  failureCounts: defineTable({
    /** Epoch milliseconds of the hour's beginning. */
    hour: v.number(),
    of: literals(["run", "session"]),
    kind: v.string(),
    count: v.number(),
  }).index("by_hour", ["hour", "of", "kind"]),
};
