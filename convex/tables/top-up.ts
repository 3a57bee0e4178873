import { defineTable } from "convex/server";
import { v } from "convex/values";
import { TOP_UP_FAILURES } from "#domain/top-up.ts";
import { literals } from "../model/zod-validator.ts";

/** Credits that are bought by themselves, with the card of an earlier purchase. */
export const topUpTables = {
  /** One row an organization: what its admins have set, and the one top-up that may be under way. */
  topUpPlans: defineTable({
    organizationId: v.id("organizations"),
    isOn: v.boolean(),
    amountCents: v.number(),
    thresholdCents: v.number(),
    monthlyMaxCents: v.number(),
    /** The month (UTC) of the last top-up, and what was topped up in it or is under way. */
    month: v.string(),
    monthCents: v.number(),
    /** How many were begun: part of the name that each has at Stripe, where it is done once. */
    attempts: v.number(),
    /** The one that is under way, as it was begun: done again, it is the same to Stripe. */
    attempt: v.optional(
      v.object({
        key: v.string(),
        cents: v.number(),
        month: v.string(),
        customerId: v.string(),
        methodId: v.string(),
        at: v.number(),
        /** Of a payment that takes its time. */
        paymentId: v.optional(v.string()),
      }),
    ),
    /** When a server looks at it again; without it, not before something changes. */
    dueAt: v.optional(v.number()),
    /** Why Studio has turned it off. */
    failure: v.optional(literals(TOP_UP_FAILURES)),
  })
    .index("by_organization", ["organizationId"])
    .index("by_due", ["dueAt"]),
};
