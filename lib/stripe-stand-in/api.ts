import type { Acts } from "./acts.ts";
import { type Book, type Checkout, makeId, seconds } from "./book.ts";
import { type Form, parseForm, textAt, textsAt } from "./form.ts";
import { checkoutJson, customerJson, disputeJson, paymentJson } from "./shapes.ts";

/** A refusal in the form of Stripe's. */
export class StripeFault extends Error {
  readonly status: number;
  /** Of a card that did not pay: why. */
  readonly code: string | undefined;

  constructor(status: number, message: string, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  json() {
    const type =
      this.status === 401
        ? "authentication_error"
        : this.status === 402
          ? "card_error"
          : "invalid_request_error";
    return { error: { type, message: this.message, ...(this.code !== undefined && { code: this.code }) } };
  }
}

const MIN_CENTS = 50;
const MAX_CENTS = 99_999_999;

export interface Asked {
  method: string;
  url: URL;
  body: string;
  idempotencyKey: string | undefined;
}

/** The part of Stripe's API that Studio uses: https://docs.stripe.com/api. */
export class Api {
  readonly #book: Book;
  readonly #acts: Acts;
  readonly #origin: () => string;
  readonly #webhook: string;

  /** @param webhook where messages are sent */
  constructor(book: Book, acts: Acts, { origin, webhook }: { origin: () => string; webhook: string }) {
    this.#book = book;
    this.#acts = acts;
    this.#origin = origin;
    this.#webhook = webhook;
  }

  /** @throws StripeFault */
  answer(asked: Asked): object {
    const { idempotencyKey: key, method } = asked;
    if (method !== "POST" || key === undefined) return this.#route(asked);
    const { once } = this.#book.rows;
    const known = once[key];
    if (known !== undefined) return JSON.parse(known) as object;
    const made = this.#route(asked);
    once[key] = JSON.stringify(made);
    this.#book.save();
    return made;
  }

  #route({ method, url, body }: Asked): object {
    const form = parseForm(body);
    const [, , kind = "", second = "", third = ""] = url.pathname.split("/");
    if (method === "POST" && kind === "customers" && second === "") return this.#customer(form);
    if (kind === "checkout" && second === "sessions") {
      if (method === "POST" && third === "") return this.#checkout(form);
      if (method === "GET") return checkoutJson(this.#book, this.#checkoutOf(third), this.#origin());
    }
    if (method === "POST" && kind === "payment_intents" && second === "") return this.#charge(form);
    if (method === "GET" && kind === "payment_methods")
      return this.#methods(url.searchParams.get("customer") ?? "");
    if (method === "GET" && kind === "payment_intents" && second !== "") {
      const isExpanded = url.searchParams.getAll("expand[0]").includes("latest_charge");
      return paymentJson(this.#book, this.#paymentOf(second), isExpanded);
    }
    if (method === "GET" && kind === "disputes") {
      const found = this.#book.disputesOf(url.searchParams.get("payment_intent") ?? "");
      const data = found.map((dispute) => disputeJson(this.#book, dispute));
      return { object: "list", url: "/v1/disputes", has_more: false, data };
    }
    if (method === "GET" && kind === "webhook_endpoints") return this.#endpoints();
    if (method === "POST" && kind === "refunds") return this.#refund(form);
    if (method === "POST" && kind === "billing_portal" && second === "sessions") return this.#portal(form);
    throw new StripeFault(404, `Unrecognized request URL (${method}: ${url.pathname}).`);
  }

  #checkoutOf(id: string): Checkout {
    const checkout = this.#book.rows.checkouts[id];
    if (!checkout) throw new StripeFault(404, `No such checkout.session: '${id}'`);
    return checkout;
  }

  #paymentOf(id: string) {
    const payment = this.#book.rows.payments[id];
    if (!payment) throw new StripeFault(404, `No such payment_intent: '${id}'`);
    return payment;
  }

  #customerOf(form: Form) {
    const id = textAt(form, "customer") ?? "";
    const customer = this.#book.rows.customers[id];
    if (!customer) throw new StripeFault(400, `No such customer: '${id}'`);
    return customer;
  }

  /** The one that it tells of everything. */
  #endpoints(): object {
    const endpoint = {
      id: "we_stand_in",
      object: "webhook_endpoint",
      url: this.#webhook,
      enabled_events: ["*"],
      status: "enabled",
      livemode: false,
    };
    return { object: "list", url: "/v1/webhook_endpoints", has_more: false, data: [endpoint] };
  }

  #customer(form: Form): object {
    const customer = {
      id: makeId("cus"),
      name: textAt(form, "name") ?? "",
      email: textAt(form, "email") ?? "",
      metadata: textsAt(form, "metadata"),
    };
    this.#book.rows.customers[customer.id] = customer;
    this.#book.save();
    return customerJson(customer);
  }

  #checkout(form: Form): object {
    if (textAt(form, "mode") !== "payment")
      throw new StripeFault(400, "The stand-in knows mode=payment alone.");
    const price = ["line_items", "0", "price_data"];
    const amountCents = Number(textAt(form, ...price, "unit_amount"));
    if (!Number.isInteger(amountCents) || amountCents < MIN_CENTS || amountCents > MAX_CENTS)
      throw new StripeFault(400, `The amount must be from ${MIN_CENTS} to ${MAX_CENTS} cents.`);
    const checkout: Checkout = {
      id: makeId("cs_test"),
      customer: this.#customerOf(form).id,
      currency: textAt(form, ...price, "currency") ?? "usd",
      amountCents,
      product: textAt(form, ...price, "product_data", "name") ?? "",
      metadata: textsAt(form, "payment_intent_data", "metadata"),
      savesCard: textAt(form, "payment_intent_data", "setup_future_usage") === "off_session",
      successUrl: textAt(form, "success_url") ?? "",
      cancelUrl: textAt(form, "cancel_url") ?? "",
      status: "open",
      payment: null,
      created: seconds(),
    };
    this.#book.rows.checkouts[checkout.id] = checkout;
    this.#book.save();
    return checkoutJson(this.#book, checkout, this.#origin());
  }

  #methods(id: string): object {
    const customer = this.#book.rows.customers[id];
    if (!customer) throw new StripeFault(400, `No such customer: '${id}'`);
    const data = customer.card
      ? [{ id: `pm_${customer.id}`, object: "payment_method", type: "card", customer: id, livemode: false }]
      : [];
    return { object: "list", url: "/v1/payment_methods", has_more: false, data };
  }

  /** A payment that nobody is there for. */
  #charge(form: Form): object {
    const customer = this.#customerOf(form);
    if (textAt(form, "off_session") !== "true" || textAt(form, "confirm") !== "true")
      throw new StripeFault(400, "The stand-in knows off_session and confirm alone.");
    if (!customer.card || textAt(form, "payment_method") !== `pm_${customer.id}`)
      throw new StripeFault(400, `No such PaymentMethod: '${textAt(form, "payment_method") ?? ""}'`);
    const amountCents = Number(textAt(form, "amount"));
    if (!Number.isInteger(amountCents) || amountCents < MIN_CENTS || amountCents > MAX_CENTS)
      throw new StripeFault(400, `The amount must be from ${MIN_CENTS} to ${MAX_CENTS} cents.`);
    if (customer.card === "asks")
      throw new StripeFault(402, "Your card requires authentication.", "authentication_required");
    if (customer.card === "declines") throw new StripeFault(402, "Your card was declined.", "card_declined");
    return this.#acts.charge({
      customer: customer.id,
      currency: textAt(form, "currency") ?? "usd",
      amountCents,
      metadata: textsAt(form, "metadata"),
    });
  }

  #refund(form: Form): object {
    const payment = this.#paymentOf(textAt(form, "payment_intent") ?? "");
    const rest = payment.amountCents - payment.refundedCents;
    const made = this.#acts.refund(payment, Number(textAt(form, "amount") ?? rest));
    if (!made) throw new StripeFault(400, "The refund is greater than what is left of the charge.");
    return made;
  }

  #portal(form: Form): object {
    const customer = this.#customerOf(form);
    const back = encodeURIComponent(textAt(form, "return_url") ?? "");
    return {
      id: makeId("bps"),
      object: "billing_portal.session",
      customer: customer.id,
      return_url: textAt(form, "return_url") ?? null,
      url: `${this.#origin()}/portal/${customer.id}?back=${back}`,
      livemode: false,
    };
  }
}
