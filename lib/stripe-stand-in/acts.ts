import {
  type Book,
  type Card,
  type Checkout,
  type Customer,
  type Dispute,
  makeId,
  type Payment,
  seconds,
} from "./book.ts";
import type { Messages } from "./messages.ts";
import { chargeJson, checkoutJson, disputeJson, paymentJson, refundJson } from "./shapes.ts";

/** What people and banks do: each changes the book, and is told to whom it concerns. */
export class Acts {
  readonly #book: Book;
  readonly #messages: Messages;
  readonly #origin: () => string;

  constructor(book: Book, messages: Messages, origin: () => string) {
    this.#book = book;
    this.#messages = messages;
    this.#origin = origin;
  }

  #paid(of: Pick<Payment, "customer" | "currency" | "amountCents" | "metadata">): Payment {
    const { customer, currency, amountCents, metadata } = of;
    const payment: Payment = {
      id: makeId("pi"),
      charge: makeId("ch"),
      customer,
      currency,
      amountCents,
      refundedCents: 0,
      metadata,
      status: "succeeded",
      created: seconds(),
    };
    this.#book.rows.payments[payment.id] = payment;
    return payment;
  }

  /** The person pays. A second click changes nothing. */
  pay(checkout: Checkout): void {
    if (checkout.status !== "open") return;
    const payment = this.#paid(checkout);
    checkout.status = "complete";
    checkout.payment = payment.id;
    const customer = this.#book.rows.customers[checkout.customer];
    if (customer && checkout.savesCard) customer.card ??= "pays";
    this.#book.save();
    this.#messages.tell("checkout.session.completed", checkoutJson(this.#book, checkout, this.#origin()));
    this.#messages.tell("payment_intent.succeeded", paymentJson(this.#book, payment, false));
  }

  /** The saved card is charged without its owner. */
  charge(of: Pick<Payment, "customer" | "currency" | "amountCents" | "metadata">): object {
    const payment = this.#paid(of);
    this.#book.save();
    this.#messages.tell("payment_intent.succeeded", paymentJson(this.#book, payment, false));
    return paymentJson(this.#book, payment, false);
  }

  /** The person's bank decides what the saved card does from now on. */
  changeCard(customer: Customer, card: Card): void {
    customer.card = card;
    this.#book.save();
  }

  expire(checkout: Checkout): void {
    if (checkout.status !== "open") return;
    checkout.status = "expired";
    this.#book.save();
    this.#messages.tell("checkout.session.expired", checkoutJson(this.#book, checkout, this.#origin()));
  }

  /** @returns undefined where more would go back than came */
  refund(payment: Payment, amountCents: number) {
    if (amountCents <= 0 || payment.refundedCents + amountCents > payment.amountCents) return undefined;
    const refund = { id: makeId("re"), payment: payment.id, amountCents, created: seconds() };
    this.#book.rows.refunds[refund.id] = refund;
    payment.refundedCents += amountCents;
    this.#book.save();
    this.#messages.tell("charge.refunded", chargeJson(this.#book, payment));
    return refundJson(refund);
  }

  /** The person's bank takes the money back, for now. */
  dispute(payment: Payment): Dispute | undefined {
    if (this.#book.disputesOf(payment.id).length > 0) return undefined;
    const dispute: Dispute = {
      id: makeId("dp"),
      payment: payment.id,
      amountCents: payment.amountCents - payment.refundedCents,
      status: "needs_response",
      created: seconds(),
    };
    this.#book.rows.disputes[dispute.id] = dispute;
    this.#book.save();
    this.#messages.tell("charge.dispute.created", disputeJson(this.#book, dispute));
    return dispute;
  }

  /** The bank has decided. */
  decide(dispute: Dispute, status: "won" | "lost"): void {
    if (dispute.status !== "needs_response") return;
    dispute.status = status;
    this.#book.save();
    this.#messages.tell("charge.dispute.closed", disputeJson(this.#book, dispute));
  }
}
