import { defineTable } from "convex/server";
import { v } from "convex/values";
import { checkoutState } from "../model/values.ts";

/** Money that comes in. Stripe knows what was paid; these rows say for whom, and what of it is in the ledger. */
export const billingTables = {
  /** Who an organization is to Stripe. Payments are assigned by this row alone, never by what a payment says of itself. */
  billingCustomers: defineTable({ organizationId: v.id("organizations"), customerId: v.string() })
    .index("by_organization", ["organizationId"])
    .index("by_customer", ["customerId"]),

  /** A checkout that somebody has begun. One whose messages were lost is looked at again while it is open. */
  checkouts: defineTable({
    organizationId: v.id("organizations"),
    userId: v.id("users"),
    checkoutId: v.string(),
    amountMicroUsd: v.number(),
    state: checkoutState,
    /** When one that may still be paid is looked at again. */
    lookAt: v.optional(v.number()),
  })
    .index("by_checkout", ["checkoutId"])
    .index("by_organization", ["organizationId"])
    .index("by_look", ["lookAt"]),

  /** A payment, and the part of it that is in the ledger: the sum of the three is what it has brought. */
  purchases: defineTable({
    organizationId: v.id("organizations"),
    paymentId: v.string(),
    /** Rises with each change: what was read of Stripe before another change is not written. */
    revision: v.number(),
    boughtMicroUsd: v.number(),
    returnedMicroUsd: v.number(),
    disputedMicroUsd: v.number(),
    receiptUrl: v.optional(v.string()),
  })
    .index("by_payment", ["paymentId"])
    .index("by_organization", ["organizationId"]),

  /** Messages of Stripe that were taken: the same one again is nothing new. Removed after their time. */
  billingEvents: defineTable({ eventId: v.string(), type: v.string() }).index("by_event", ["eventId"]),
};
