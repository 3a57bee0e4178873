import { timingSafeEqual } from "node:crypto";
import http from "node:http";
import { text } from "node:stream/consumers";
import { Acts } from "./acts.ts";
import { Api, StripeFault } from "./api.ts";
import type { Book } from "./book.ts";
import type { Messages } from "./messages.ts";
import { checkoutPage, missingPage, portalPage, safeUrl } from "./pages.ts";

const MAX_BODY_BYTES = 100_000;

interface Given {
  book: Book;
  messages: Messages;
  /** The key that the API wants. */
  key: string;
}

const isKey = (given: string, key: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
};

function json(response: http.ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
function html(response: http.ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, {
      "content-type": "text/html; charset=utf-8",
      // Buttons that move (no) money are nobody's to press from inside of another page.
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    })
    .end(body);
}
const goTo = (response: http.ServerResponse, url: string) =>
  response.writeHead(303, { location: safeUrl(url) }).end();

/** The stand-in's server: the API under `/v1` for who has the key, and pages for people. */
export function createServer({ book, messages, key }: Given): http.Server {
  const origin = () => {
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  };
  const acts = new Acts(book, messages, origin);
  const api = new Api(book, acts, { origin, webhook: messages.url });

  async function answerApi(request: http.IncomingMessage, response: http.ServerResponse, url: URL) {
    try {
      const [, given = ""] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
      if (!isKey(given, key)) throw new StripeFault(401, "Invalid API Key provided.");
      if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES)
        throw new StripeFault(413, "The body is too long.");
      const named = request.headers["idempotency-key"];
      const asked = {
        method: request.method ?? "GET",
        url,
        body: await text(request),
        idempotencyKey: typeof named === "string" ? named : undefined,
      };
      json(response, 200, api.answer(asked));
    } catch (error) {
      const fault = error instanceof StripeFault ? error : new StripeFault(500, String(error));
      json(response, fault.status, fault.json());
    }
  }

  function act(response: http.ServerResponse, [kind = "", id = "", what = ""]: string[], from: string): void {
    const { checkouts, payments, disputes } = book.rows;
    const checkout = kind === "checkout" ? checkouts[id] : undefined;
    const payment = kind === "payments" ? payments[id] : undefined;
    const dispute = kind === "disputes" ? disputes[id] : undefined;
    const customer = kind === "customers" ? book.rows.customers[id] : undefined;
    if (customer?.card && (what === "pays" || what === "declines" || what === "asks")) {
      acts.changeCard(customer, what);
      goTo(response, from);
    } else if (checkout && what === "pay") {
      acts.pay(checkout);
      goTo(response, checkout.successUrl.replace("{CHECKOUT_SESSION_ID}", checkout.id));
    } else if (checkout && what === "cancel") goTo(response, checkout.cancelUrl);
    else if (payment && what === "refund") {
      acts.refund(payment, payment.amountCents - payment.refundedCents);
      goTo(response, from);
    } else if (payment && what === "dispute") {
      acts.dispute(payment);
      goTo(response, from);
    } else if (dispute && (what === "won" || what === "lost")) {
      acts.decide(dispute, what);
      goTo(response, from);
    } else html(response, 404, missingPage());
  }

  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://stand-in");
    const parts = url.pathname.split("/").slice(1);
    if (url.pathname === "/health") return json(response, 200, { status: "ok" });
    if (parts[0] === "v1") return void answerApi(request, response, url);
    if (request.method === "POST") {
      // Another site's page may not press its buttons.
      if (new URL(request.headers.origin ?? "null:").host !== request.headers.host)
        return html(response, 403, missingPage());
      return act(response, parts, request.headers.referer ?? origin());
    }
    const checkout = parts[0] === "checkout" ? book.rows.checkouts[parts[1] ?? ""] : undefined;
    if (checkout) return html(response, 200, checkoutPage(checkout));
    const customer = parts[0] === "portal" ? book.rows.customers[parts[1] ?? ""] : undefined;
    if (customer) return html(response, 200, portalPage(book, customer, url.searchParams.get("back") ?? ""));
    html(response, 404, missingPage());
  });
  return server;
}
