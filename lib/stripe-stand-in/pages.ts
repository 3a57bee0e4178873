import type { Book, Checkout, Customer } from "./book.ts";

const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0) ?? 0};`);
export const dollars = (cents: number): string => `$${(cents / 100).toFixed(2)}`;
/** Only where a browser may be sent. */
export const safeUrl = (url: string): string => (/^https?:\/\//.test(url) ? url : "about:blank");

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; display: grid; justify-items: center; padding: 2rem 1rem; }
  main { width: min(36rem, 100%); }
  .note { border: 1px solid; padding: .75rem 1rem; }
  button, .button { font: inherit; min-height: 2.75rem; padding: 0 1rem; margin: .25rem .5rem .25rem 0; }
  table { border-collapse: collapse; width: 100%; } td, th { text-align: start; padding: .25rem .5rem .25rem 0; }
`;

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escape(title)}</h1>
<p class="note">This is a stand-in for Stripe on this machine. No card is charged and no money moves.</p>
${body}</main></body></html>`;

const form = (action: string, label: string): string =>
  `<form method="post" action="${escape(action)}" style="display:inline"><button>${escape(label)}</button></form>`;

/** Where a person pays, as far as a stand-in can be paid. */
export function checkoutPage({ id, product, amountCents, status }: Checkout): string {
  if (status !== "open")
    return page("Checkout", `<p>This checkout is ${status === "complete" ? "paid" : "expired"} already.</p>`);
  return page(
    "Checkout",
    `<p>${escape(product)}: <strong>${dollars(amountCents)}</strong></p>
${form(`/checkout/${id}/pay`, `Pay ${dollars(amountCents)}`)}${form(`/checkout/${id}/cancel`, "Back without paying")}`,
  );
}

/** A customer's payments, with what their bank and the seller may do. */
export function portalPage(book: Book, customer: Customer, back: string): string {
  const payments = Object.values(book.rows.payments).filter((payment) => payment.customer === customer.id);
  const rows = payments.map((payment) => {
    const [dispute] = book.disputesOf(payment.id);
    const acts = [
      payment.refundedCents < payment.amountCents && form(`/payments/${payment.id}/refund`, "Refund"),
      !dispute && form(`/payments/${payment.id}/dispute`, "Dispute"),
      dispute?.status === "needs_response" && form(`/disputes/${dispute.id}/won`, "Dispute won"),
      dispute?.status === "needs_response" && form(`/disputes/${dispute.id}/lost`, "Dispute lost"),
    ].filter((act) => act !== false);
    const state = [
      payment.refundedCents > 0 && `${dollars(payment.refundedCents)} refunded`,
      dispute && `dispute: ${dispute.status.replace("_", " ")}`,
    ].filter((part) => part !== false && part !== undefined);
    return `<tr><td>${dollars(payment.amountCents)}</td><td>${escape(state.join(", ") || "paid")}</td><td>${acts.join("")}</td></tr>`;
  });
  const cards = { pays: "Card pays", declines: "Card is declined", asks: "Bank asks its owner" };
  const { card } = customer;
  const saved =
    card &&
    `<p>Saved card: ${escape(cards[card])}. ${Object.entries(cards)
      .filter(([what]) => what !== card)
      .map(([what, label]) => form(`/customers/${customer.id}/${what}`, label))
      .join("")}</p>`;
  return page(
    `Payments of ${customer.name}`,
    `${rows.length === 0 ? "<p>No payments yet.</p>" : `<table><tr><th>Amount</th><th>State</th><th>Acts</th></tr>${rows.join("")}</table>`}
${saved ?? ""}
<p><a href="${escape(safeUrl(back))}">Back to Studio</a></p>`,
  );
}

export const missingPage = (): string => page("Not found", "<p>There is nothing at this address.</p>");
