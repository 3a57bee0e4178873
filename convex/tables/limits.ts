import { defineTable } from "convex/server";
import { v } from "convex/values";
import { limitSubject } from "../model/values.ts";

/** Whose limit it is: the id of the organization itself, a user, an agent or an API key. */
const ofSubject = {
  organizationId: v.id("organizations"),
  subject: limitSubject,
  subjectId: v.string(),
};

/** Monthly limits, and what counts against them. Integer micro-USD. */
export const limitTables = {
  /** What admins allow a subject to spend in each calendar month (UTC). */
  monthlyLimits: defineTable({ ...ofSubject, limitMicroUsd: v.number() }).index("by_subject", [
    "organizationId",
    "subject",
    "subjectId",
  ]),

  /**
   * What a subject has spent in a month, and what calls under way hold of its limit. One small row each, added up in the
   * transactions of the calls: spending always, so that a limit set later counts from the month's beginning; holds only
   * where there is a limit, so that without one no call waits for another's row.
   */
  monthlySpending: defineTable({
    ...ofSubject,
    /** `2026-11`. */
    month: v.string(),
    spentMicroUsd: v.number(),
    heldMicroUsd: v.number(),
    /** The highest step of the limit, in percent, that people were told of; 0 for none. */
    toldStep: v.number(),
  })
    .index("by_subject_month", ["organizationId", "subject", "subjectId", "month"])
    .index("by_month_step", ["organizationId", "month", "toldStep"]),
};
