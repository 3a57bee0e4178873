import type http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { topUp } from "#server/billing/top-up.ts";
import { type Call, fakeData } from "#tests/fake-data.ts";
import { Book } from "../../../lib/stripe-stand-in/book.ts";
import { Messages } from "../../../lib/stripe-stand-in/messages.ts";
import { createServer } from "../../../lib/stripe-stand-in/server.ts";

/** Top-ups by Stripe's own client, against what stands in for Stripe. */

const KEY = "sk_test_stand_in";
const book = new Book();
// Nobody takes its messages here: a payment is looked at by who has made it.
const messages = new Messages("http://127.0.0.1:9/", "whsec_x");
let server: http.Server;
let origin = "";
vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => ({ STRIPE_SECRET_KEY: KEY, STRIPE_API_URL: origin, STRIPE_TAX: false }),
}));
let data: ReturnType<typeof fakeData>;
vi.mock("#server/convex/client.ts", () => ({ serviceData: () => data.data }));

beforeAll(async () => {
  server = createServer({ book, messages, key: KEY });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  messages.stop();
  server.close();
  server.closeAllConnections();
});

const planId = "plan" as Id<"topUpPlans">;
/** What Convex has reserved, as a server that follows gets it again. */
let attempt: { key: string; cents: number; customerId: string; methodId: string; paymentId: null } | null;
beforeEach(() => {
  attempt = null;
  book.rows.customers["cus_1"] = { id: "cus_1", name: "Ada", email: "", metadata: {}, card: "pays" };
  book.rows.payments = {};
  book.rows.once = {};
  data = fakeData({
    "topUps:customer": () => "cus_1",
    "topUps:reserve": ({ methodId }) =>
      methodId === null
        ? null
        : (attempt ??= {
            key: "studio:topup:plan:1",
            cents: 2_000,
            customerId: "cus_1",
            methodId: methodId as string,
            paymentId: null,
          }),
    "purchases:revision": () => 0,
    "purchases:settle": () => "settled",
  });
});
const calls = (name: string): Call["args"][] =>
  data.calls.filter((call) => call.name === name).map(({ args }) => args);
const payments = () => Object.values(book.rows.payments);

test("charges the saved card, enters the payment, and says that it is paid", async () => {
  await topUp(planId);
  expect(payments()).toMatchObject([{ customer: "cus_1", amountCents: 2_000, status: "succeeded" }]);
  expect(calls("purchases:settle")).toMatchObject([
    { paymentId: payments()[0]?.id, customerId: "cus_1", creditMicroUsd: 20_000_000 },
  ]);
  expect(calls("topUps:finish")).toEqual([{ planId, key: "studio:topup:plan:1", result: { kind: "paid" } }]);
});

test("two servers, and one that follows another that died, make one payment", async () => {
  await Promise.all([topUp(planId), topUp(planId)]);
  await topUp(planId);
  expect(payments()).toHaveLength(1);
  expect(new Set(calls("purchases:settle").map(({ paymentId }) => paymentId)).size).toBe(1);
});

test.each([
  ["declines", "declined"],
  ["asks", "needs_action"],
] as const)("a card that %s takes no money, and says why", async (card, failure) => {
  book.rows.customers["cus_1"]!.card = card;
  await topUp(planId);
  expect(payments()).toEqual([]);
  expect(calls("purchases:settle")).toEqual([]);
  expect(calls("topUps:finish")).toMatchObject([{ result: { kind: "failed", failure } }]);
});

test("a card that is gone by the time it is charged is refused, and without one nothing is begun", async () => {
  attempt = { key: "k", cents: 2_000, customerId: "cus_1", methodId: "pm_gone", paymentId: null };
  await topUp(planId);
  expect(calls("topUps:finish")).toMatchObject([{ key: "k", result: { failure: "refused" } }]);
  delete book.rows.customers["cus_1"]!.card;
  attempt = null;
  await topUp(planId);
  expect(calls("topUps:reserve").at(-1)).toEqual({ planId, methodId: null });
  expect(payments()).toEqual([]);
});

test("where what was paid can't be entered yet, nothing is said of it: it is asked again under its name", async () => {
  book.rows.customers["cus_1"]!.card = "pays";
  const settle = vi.fn(() => {
    throw new Error("the database is away");
  });
  data = fakeData({
    "topUps:customer": () => "cus_1",
    "topUps:reserve": () => ({
      key: "studio:topup:plan:2",
      cents: 2_000,
      customerId: "cus_1",
      methodId: "pm_cus_1",
      paymentId: null,
    }),
    "purchases:revision": () => 0,
    "purchases:settle": settle,
  });
  await expect(topUp(planId)).rejects.toThrow("the database is away");
  expect(calls("topUps:finish")).toEqual([]);
  settle.mockImplementation(() => "settled" as never);
  await topUp(planId);
  expect(payments()).toHaveLength(1);
  expect(calls("topUps:finish")).toMatchObject([{ result: { kind: "paid" } }]);
});
