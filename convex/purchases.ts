import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { creditsOfCents, PURCHASE_CENTS, PURCHASE_STATES, stateOf } from "#domain/purchases.ts";
import { actorMutation, actorQuery, orgQuery, refuse, serviceMutation, serviceQuery } from "./functions.ts";
import { checkoutOf, customerOf, enterPayment, organizationOf, purchaseOf } from "./model/purchases.ts";
import { checkoutState } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

/** An open checkout is first looked at again after this; each time later by as much again. */
const LOOK_MS = 10 * 60_000;

/** What the organization has bought, newest first, and how each payment stands. */
export const list = orgQuery({
  min: "admin",
  scope: "billing:read",
  args: { paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(
    v.object({
      id: v.id("purchases"),
      state: literals(PURCHASE_STATES),
      boughtMicroUsd: v.number(),
      returnedMicroUsd: v.number(),
      disputedMicroUsd: v.number(),
      receiptUrl: v.nullable(v.string()),
      at: v.number(),
    }),
  ),
  handler: async (ctx, { paginationOpts }) => {
    const result = await ctx.db
      .query("purchases")
      .withIndex("by_organization", (q) => q.eq("organizationId", ctx.caller.organizationId))
      .order("desc")
      .paginate(paginationOpts);
    return {
      ...result,
      page: result.page.map((row) => ({
        id: row._id,
        state: stateOf(row),
        boughtMicroUsd: row.boughtMicroUsd,
        returnedMicroUsd: row.returnedMicroUsd,
        disputedMicroUsd: row.disputedMicroUsd,
        receiptUrl: row.receiptUrl ?? null,
        at: Math.floor(row._creationTime),
      })),
    };
  },
});

/** Who buys: what a server needs before it begins a checkout. */
export const buyer = actorQuery({
  min: "admin",
  scope: "billing:write",
  args: {},
  returns: v.object({
    organizationId: v.id("organizations"),
    name: v.string(),
    email: v.string(),
    customerId: v.nullable(v.string()),
  }),
  handler: async (ctx) => {
    const { organizationId, user } = ctx.caller;
    const organization = await ctx.db.get(organizationId);
    if (!organization) throw refuse("organization_deleted");
    return {
      organizationId,
      name: organization.name,
      email: user.email,
      customerId: await customerOf(ctx, organizationId),
    };
  },
});

/** Keeps who an organization is to Stripe. The first one stays: what counts is what this returns. */
export const noteCustomer = serviceMutation({
  args: { organizationId: v.id("organizations"), customerId: v.string() },
  returns: v.string(),
  handler: async (ctx, { organizationId, customerId }) => {
    const known = await customerOf(ctx, organizationId);
    if (known !== null) return known;
    await ctx.db.insert("billingCustomers", { organizationId, customerId });
    return customerId;
  },
});

/** A checkout that a server has begun at Stripe for a person. */
export const begin = actorMutation({
  min: "admin",
  scope: "billing:write",
  audit: "entry",
  bounds: {
    checkoutId: LIMITS.requestKey,
    amountMicroUsd: {
      kind: "whole",
      min: creditsOfCents(PURCHASE_CENTS.min),
      max: creditsOfCents(PURCHASE_CENTS.max),
    },
  },
  args: { checkoutId: v.string(), amountMicroUsd: v.number() },
  returns: v.null(),
  handler: async (ctx, { checkoutId, amountMicroUsd }) => {
    const { organizationId, user } = ctx.caller;
    if (await checkoutOf(ctx, checkoutId)) return;
    await ctx.db.insert("checkouts", {
      organizationId,
      userId: user._id,
      checkoutId,
      amountMicroUsd,
      state: "open",
      lookAt: Date.now() + LOOK_MS,
    });
    await ctx.report({ action: "checkout.started", target: checkoutId, after: { amountMicroUsd } });
  },
});

/** Somebody has opened the page where invoices and cards are managed. */
export const notePortal = actorMutation({
  min: "admin",
  scope: "billing:write",
  audit: "entry",
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    await ctx.report({ action: "billing_portal.opened" });
  },
});

/** How a checkout of the organization stands. @throws checkout_not_found */
export const checkout = orgQuery({
  min: "admin",
  scope: "billing:read",
  args: { checkoutId: v.string() },
  returns: v.object({ state: checkoutState, amountMicroUsd: v.number() }),
  handler: async (ctx, { checkoutId }) => {
    const row = await checkoutOf(ctx, checkoutId);
    if (row?.organizationId !== ctx.caller.organizationId) throw refuse("checkout_not_found");
    return { state: row.state, amountMicroUsd: row.amountMicroUsd };
  },
});

/** Whether a message of Stripe was taken before. */
export const hasEvent = serviceQuery({
  args: { eventId: v.string() },
  returns: v.boolean(),
  handler: async (ctx, { eventId }) =>
    (await ctx.db
      .query("billingEvents")
      .withIndex("by_event", (q) => q.eq("eventId", eventId))
      .unique()) !== null,
});

/** How far a payment is entered; what a server reads of Stripe after this may be written with it. */
export const revision = serviceQuery({
  args: { paymentId: v.string() },
  returns: v.number(),
  handler: async (ctx, { paymentId }) => (await purchaseOf(ctx, paymentId))?.revision ?? 0,
});

/**
 * Brings the ledger to where a payment stands at Stripe, and keeps the message that told of it.
 * @returns `moved` where another change came since the revision was read: read Stripe again; `unknown` where the customer
 * isn't one of Studio's
 */
export const settle = serviceMutation({
  args: {
    paymentId: v.string(),
    customerId: v.string(),
    /** That from before the payment was read. */
    revision: v.number(),
    creditMicroUsd: v.number(),
    chargedCents: v.number(),
    returnedCents: v.number(),
    disputedCents: v.number(),
    receiptUrl: v.optional(v.string()),
  },
  returns: literals(["settled", "moved", "unknown"]),
  handler: async (ctx, { customerId, revision: before, ...payment }) => {
    const organizationId = await organizationOf(ctx, customerId);
    if (!organizationId) return "unknown";
    const row = await purchaseOf(ctx, payment.paymentId);
    if ((row?.revision ?? 0) !== before) return "moved";
    await enterPayment(ctx, row, { organizationId, ...payment });
    return "settled";
  },
});

/** Keeps that a message of Stripe was taken, once all that it says is written. */
export const noteEvent = serviceMutation({
  args: { eventId: v.string(), type: v.string() },
  returns: v.null(),
  handler: async (ctx, { eventId, type }) => {
    const known = await ctx.db
      .query("billingEvents")
      .withIndex("by_event", (q) => q.eq("eventId", eventId))
      .unique();
    if (!known) await ctx.db.insert("billingEvents", { eventId, type });
  },
});

/** How a checkout stands at Stripe. One that has been paid stays so, whatever comes late. */
export const noteCheckout = serviceMutation({
  args: { checkoutId: v.string(), state: checkoutState, now: v.number() },
  returns: v.null(),
  handler: async (ctx, { checkoutId, state, now }) => {
    const row = await checkoutOf(ctx, checkoutId);
    if (!row || row.state === "paid") return;
    const mayBePaid = state === "open" || state === "processing";
    const lookAt = mayBePaid ? now + Math.max(LOOK_MS, now - row._creationTime) : undefined;
    await ctx.db.patch(row._id, { state, lookAt });
  },
});
