import type { Book, Checkout, Customer, Dispute, Payment, Refund } from "./book.ts";

/** The objects of Stripe's API, with the fields that its client and Studio read: https://docs.stripe.com/api. */

export const customerJson = ({ id, name, email, metadata }: Customer) => ({
  id,
  object: "customer",
  name,
  email,
  metadata,
  livemode: false,
});

export const chargeJson = (book: Book, payment: Payment) => ({
  id: payment.charge,
  object: "charge",
  amount: payment.amountCents,
  amount_captured: payment.status === "succeeded" ? payment.amountCents : 0,
  amount_refunded: payment.refundedCents,
  captured: payment.status === "succeeded",
  currency: payment.currency,
  customer: payment.customer,
  disputed: book.disputesOf(payment.id).length > 0,
  paid: payment.status === "succeeded",
  payment_intent: payment.id,
  receipt_url: null,
  refunded: payment.refundedCents >= payment.amountCents,
  status: payment.status === "succeeded" ? "succeeded" : "pending",
  livemode: false,
});

/** @param isExpanded with the charge itself, and not its id */
export const paymentJson = (book: Book, payment: Payment, isExpanded: boolean) => ({
  id: payment.id,
  object: "payment_intent",
  amount: payment.amountCents,
  amount_received: payment.status === "succeeded" ? payment.amountCents : 0,
  currency: payment.currency,
  customer: payment.customer,
  latest_charge: isExpanded ? chargeJson(book, payment) : payment.charge,
  metadata: payment.metadata,
  status: payment.status,
  created: payment.created,
  livemode: false,
});

const paidState = (book: Book, { payment }: Checkout): string =>
  payment !== null && book.rows.payments[payment]?.status === "succeeded" ? "paid" : "unpaid";

/** @param origin where its page is reached */
export const checkoutJson = (book: Book, checkout: Checkout, origin: string) => ({
  id: checkout.id,
  object: "checkout.session",
  amount_subtotal: checkout.amountCents,
  amount_total: checkout.amountCents,
  cancel_url: checkout.cancelUrl,
  created: checkout.created,
  currency: checkout.currency,
  customer: checkout.customer,
  metadata: {},
  mode: "payment",
  payment_intent: checkout.payment,
  payment_status: paidState(book, checkout),
  status: checkout.status,
  success_url: checkout.successUrl,
  url: checkout.status === "open" ? `${origin}/checkout/${checkout.id}` : null,
  livemode: false,
});

export const refundJson = ({ id, payment, amountCents, created }: Refund) => ({
  id,
  object: "refund",
  amount: amountCents,
  currency: "usd",
  payment_intent: payment,
  status: "succeeded",
  created,
});

export const disputeJson = (book: Book, { id, payment, amountCents, status, created }: Dispute) => ({
  id,
  object: "dispute",
  amount: amountCents,
  charge: book.rows.payments[payment]?.charge ?? null,
  currency: "usd",
  payment_intent: payment,
  reason: "general",
  status,
  created,
});
