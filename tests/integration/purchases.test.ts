import { expect, test } from "vitest";
import { checkoutResponse, creditsResponse, ledgerResponse, purchasesResponse } from "#contracts/billing.ts";
import type { JsonOf } from "#contracts/routes.ts";
import { until } from "#tests/api.ts";
import { sharedStudio } from "#tests/shared-studio.ts";
import { StripePages, signedMessage } from "#tests/stripe-pages.ts";
import { Visitor } from "#tests/visitor.ts";

/** Buying credits, with Stripe's own client against what stands in for Stripe, messages and all. */

const { stack, api } = await sharedStudio();
const { STRIPE_API_URL: standIn = "", STRIPE_WEBHOOK_SECRET: secret = "" } = stack.env("web");
const pages = new StripePages(standIn);

const balance = async (as = api) =>
  creditsResponse.parse((await as.call("GET", "/api/v1/credits")).body).balance_micro_usd;
const purchases = async () =>
  purchasesResponse.parse((await api.call("GET", "/api/v1/credits/purchases")).body).purchases;
const ledger = async () =>
  ledgerResponse.parse((await api.call("GET", "/api/v1/credits/ledger")).body).entries;
const start = async (amount_cents = 1_250) => {
  const answer = await api.call("POST", "/api/v1/credits/checkout", { amount_cents });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return checkoutResponse.parse(answer.body);
};
const checkout = async (id: string, as = api) =>
  await as.call<JsonOf<"GET /api/v1/credits/checkout/{id}">>("GET", `/api/v1/credits/checkout/${id}`);
const DOLLAR = 1_000_000;

test("credits are there once they are paid, by Stripe's message alone", async () => {
  const before = await balance();
  const { id, url } = await start();
  expect(await checkout(id)).toMatchObject({ status: 200, body: { state: "open" } });
  expect(await balance()).toBe(before);
  // Two clicks pay once.
  const back = await Promise.all([pages.press(`${url}/pay`), pages.press(`${url}/pay`)]);
  expect(back[0]).toBe(`${stack.url}/settings/billing?checkout=${id}`);
  await until("the credits", async () => (await balance()) === before + 12.5 * DOLLAR);
  expect(await checkout(id)).toMatchObject({ body: { state: "paid", amount_micro_usd: 12.5 * DOLLAR } });
  expect(await purchases()).toMatchObject([{ state: "paid", bought_micro_usd: 12.5 * DOLLAR }]);
});

test("a refund, a dispute and its end are in the ledger, each once", async () => {
  const portal = await api.call<{ url: string }>("POST", "/api/v1/credits/portal");
  expect(portal.status).toBe(201);
  const before = (await balance()) - 12.5 * DOLLAR;
  await pages.press(await pages.actOf(portal.body.url, "dispute"), portal.body.url);
  await until("the dispute", async () => (await balance()) === before);
  expect(await purchases()).toMatchObject([{ state: "disputed" }]);
  await pages.press(await pages.actOf(portal.body.url, "won"), portal.body.url);
  await until("the dispute's end", async () => (await balance()) === before + 12.5 * DOLLAR);
  await pages.press(await pages.actOf(portal.body.url, "refund"), portal.body.url);
  await until("the refund", async () => (await balance()) === before);
  expect((await ledger()).slice(0, 4).map(({ kind, delta_micro_usd: delta }) => [kind, delta])).toEqual([
    ["purchase_return", -12.5 * DOLLAR],
    ["dispute", 12.5 * DOLLAR],
    ["dispute", -12.5 * DOLLAR],
    ["purchase", 12.5 * DOLLAR],
  ]);
});

test("a message is taken with Stripe's signature alone, and says nothing by itself", async () => {
  const { id, url } = await start(700);
  const before = await balance();
  const claimed = { id: "evt_claimed", type: "checkout.session.completed", data: { object: { id } } };
  const send = async (body: string, signature: string) =>
    (
      await fetch(`${stack.url}/api/webhooks/stripe`, {
        method: "POST",
        headers: { "content-type": "application/json", "stripe-signature": signature },
        body,
      })
    ).status;
  const { body, signature } = signedMessage(claimed, secret);
  expect(await send(body, "")).toBe(401);
  expect(await send(body, signedMessage(claimed, "whsec_of_somebody_else").signature)).toBe(401);
  expect(await send(body.replace("completed", "expired"), signature)).toBe(401);
  expect(await send(body, signedMessage(claimed, secret, 301).signature)).toBe(401);
  expect(await send("x".repeat(1_100_000), signature)).toBe(413);
  // Signed, and untrue: Stripe is asked, where nobody has paid.
  expect(await send(body, signature)).toBe(204);
  expect(await balance()).toBe(before);
  // The same name again is nothing new, though it has been paid meanwhile: its own message says so.
  await pages.press(`${url}/pay`);
  await until("the credits", async () => (await balance()) === before + 7 * DOLLAR);
  for (let count = 0; count < 3; count += 1) expect(await send(body, signature)).toBe(204);
  expect(await balance()).toBe(before + 7 * DOLLAR);
});

test("who comes back sooner than the message finds the credits there", async () => {
  const { id, url } = await start(500);
  const before = await balance();
  await pages.press(`${url}/pay`);
  expect(await checkout(id)).toMatchObject({ body: { state: "paid" } });
  expect(await balance()).toBe(before + 5 * DOLLAR);
});

test("the ledger is narrowed, and is a file", async () => {
  const only = ledgerResponse.parse(
    (await api.call("GET", "/api/v1/credits/ledger?kind=dispute&limit=1")).body,
  );
  expect(only.entries.map(({ kind }) => kind)).toEqual(["dispute"]);
  expect(only.next_cursor).not.toBeNull();
  const file = await (await api.open("/api/v1/credits/ledger?kind=dispute&format=csv")).text();
  expect(file.split("\r\n")[0]).toBe(
    "created_at,kind,delta_micro_usd,balance_after_micro_usd,description,session_id,id",
  );
  expect(file).toContain(",dispute,-12500000,");
  const later = `/api/v1/credits/ledger?from=${new Date(Date.now() + 60_000).toISOString()}`;
  expect((await api.call("GET", later)).body).toEqual({ entries: [], next_cursor: null });
  expect((await api.call("GET", "/api/v1/credits/ledger?limit=1000")).status).toBe(400);
  expect((await api.call("GET", "/api/v1/credits/ledger?kind=theft")).status).toBe(400);
});

test("SPEC: credits are topped up with the saved card, once, and a card that doesn't pay turns it off with the reason", async () => {
  // Its own organization: what it spends is nobody else's.
  const { api: own } = await Visitor.withOrganization(stack.url, "Top-up");
  const plan = { amount_cents: 2_000, threshold_cents: 100_000, monthly_max_cents: 4_000 };
  const set = async (on: boolean, more: object = {}) =>
    await own.call<JsonOf<"PUT /api/v1/credits/top-up">>("PUT", "/api/v1/credits/top-up", {
      on,
      ...plan,
      ...more,
    });
  const read = async () =>
    (await own.call<JsonOf<"GET /api/v1/credits/top-up">>("GET", "/api/v1/credits/top-up")).body;
  expect((await set(true)).status, "there is no saved card").toBe(409);
  const welcome = await balance(own);
  const bought = checkoutResponse.parse(
    (await own.call("POST", "/api/v1/credits/checkout", { amount_cents: 500 })).body,
  );
  await pages.press(`${bought.url}/pay`);
  await until("the purchase", async () => (await balance(own)) === welcome + 5 * DOLLAR);
  const before = await balance(own);

  expect((await set(true)).status).toBe(200);
  // Twice 20 is the month's most, however little there is.
  await until("two top-ups", async () => (await balance(own)) === before + 40 * DOLLAR, 60_000);
  await until("their end", async () => !(await read()).under_way);
  expect(await read()).toMatchObject({ on: true, month_cents: 4_000, failure: null });

  const { url } = (await own.call<{ url: string }>("POST", "/api/v1/credits/portal")).body;
  for (const [act, failure] of [
    ["asks", "needs_action"],
    ["declines", "declined"],
  ] as const) {
    await pages.press(await pages.actOf(url, act), url);
    expect((await set(true, { monthly_max_cents: 50_000 })).status).toBe(200);
    await until(`it is off: ${failure}`, async () => !(await read()).on, 60_000);
    expect(await read()).toMatchObject({ on: false, month_cents: 4_000, failure, under_way: false });
    expect(await balance(own)).toBe(before + 40 * DOLLAR);
  }
}, 240_000);

test("amounts that aren't sold, and others' checkouts, are refused", async () => {
  for (const amount_cents of [499, 500_001, 12.5, "500", -500])
    expect((await api.call("POST", "/api/v1/credits/checkout", { amount_cents })).status).toBe(400);
  const { id } = await start();
  const { api: stranger } = await Visitor.withOrganization(stack.url, "Others");
  expect((await checkout(id, stranger)).status).toBe(404);
  expect((await checkout("cs_none")).status).toBe(404);
  expect((await stranger.call("POST", "/api/v1/credits/portal")).status).toBe(409);
});
