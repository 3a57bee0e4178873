import type { Stripe } from "stripe";
import { api } from "#convex/_generated/api.js";
import { creditsOfCents, type CheckoutState } from "#domain/purchases.ts";
import { serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { log } from "../log.ts";
import { asked } from "./stripe.ts";

/** The name under which a payment keeps how many cents of credits it is for, without tax. */
export const CREDIT_CENTS = "studio_credit_cents";
/** A dispute in one of these states has taken the money back, or may. */
const TAKEN: readonly Stripe.Dispute.Status[] = ["needs_response", "under_review", "lost"];
const MAX_DISPUTES = 20;
/** How often a payment is read again because another server entered a change of it meanwhile. */
const TRIES = 8;

const idOf = (thing: string | { id: string } | null | undefined): string | undefined =>
  typeof thing === "string" ? thing : thing?.id;

/** A payment as it stands now; undefined where it was no purchase of credits, or no money has come. */
async function read(paymentId: string) {
  const intent = await asked(
    async (stripe) => await stripe.paymentIntents.retrieve(paymentId, { expand: ["latest_charge"] }),
  );
  const { latest_charge: charge, metadata } = intent;
  const customerId = idOf(intent.customer);
  const cents = Number(metadata[CREDIT_CENTS]);
  if (customerId === undefined || !Number.isSafeInteger(cents) || cents <= 0) return undefined;
  // Cents of another currency are worth something else.
  if (intent.currency !== "usd") return undefined;
  if (intent.status !== "succeeded" || !charge || typeof charge === "string" || !charge.paid)
    return undefined;
  const disputes = charge.disputed
    ? await asked(
        async (stripe) => await stripe.disputes.list({ payment_intent: paymentId, limit: MAX_DISPUTES }),
      )
    : { data: [] };
  const disputedCents = disputes.data
    .filter(({ status }) => TAKEN.includes(status))
    .reduce((sum, { amount }) => sum + amount, 0);
  return {
    paymentId,
    customerId,
    // Nothing is sold for less than it costs, whatever the payment says of itself.
    creditMicroUsd: creditsOfCents(Math.min(cents, charge.amount_captured)),
    chargedCents: charge.amount_captured,
    returnedCents: charge.amount_refunded,
    disputedCents,
    ...(charge.receipt_url && { receiptUrl: charge.receipt_url }),
  };
}

/**
 * Brings the ledger to where a payment stands at Stripe. What is written was read after the last change that was written:
 * messages may come doubled, late and in any order.
 * @throws HttpError unavailable where other servers were always faster
 */
export async function settlePayment(paymentId: string): Promise<void> {
  const data = serviceData();
  for (let tries = 0; tries < TRIES; tries += 1) {
    const revision = await data.query(api.purchases.revision, { paymentId });
    const payment = await read(paymentId);
    if (!payment) return;
    const came = await data.mutation(api.purchases.settle, { ...payment, revision });
    if (came === "unknown") log("warn", "a payment is of nobody here", { paymentId });
    if (came !== "moved") return;
  }
  throw refuse("payments_unreachable");
}

function stateOf(session: Stripe.Checkout.Session): CheckoutState {
  if (session.status === "expired") return "expired";
  if (session.status !== "complete") return "open";
  return session.payment_status === "unpaid" ? "processing" : "paid";
}

/** Looks at a checkout at Stripe, enters what was paid, and keeps how it stands. */
export async function settleCheckout(checkoutId: string): Promise<CheckoutState> {
  const session = await asked(async (stripe) => await stripe.checkout.sessions.retrieve(checkoutId));
  const paymentId = idOf(session.payment_intent);
  if (paymentId !== undefined) await settlePayment(paymentId);
  const state = stateOf(session);
  await serviceData().mutation(api.purchases.noteCheckout, { checkoutId, state, now: Date.now() });
  return state;
}

/** The payment that a message is about, and the checkout. */
function about({ type, data: { object } }: Stripe.Event): { payment?: string; checkout?: string } {
  if (type.startsWith("checkout.session.")) return { checkout: (object as Stripe.Checkout.Session).id };
  if (type.startsWith("payment_intent.")) return { payment: (object as Stripe.PaymentIntent).id };
  if (/^(charge|refund)\./.test(type)) {
    const payment = idOf((object as Stripe.Charge).payment_intent);
    return payment === undefined ? {} : { payment };
  }
  return {};
}

/**
 * Takes a message of Stripe: what it is about is looked at, so its own content and order say nothing.
 * @throws HttpError upstream_failed: it comes again
 */
export async function takeEvent(event: Stripe.Event): Promise<void> {
  const data = serviceData();
  if (await data.query(api.purchases.hasEvent, { eventId: event.id })) return;
  const { payment, checkout } = about(event);
  if (checkout !== undefined) await settleCheckout(checkout);
  if (payment !== undefined) await settlePayment(payment);
  await data.mutation(api.purchases.noteEvent, { eventId: event.id, type: event.type });
}
