import { spawn } from "node:child_process";
import { once } from "node:events";
import type http from "node:http";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { startCheckout } from "#server/billing/checkout.ts";
import { setTopUp, topUp } from "#server/billing/top-up.ts";
import { stripeWebhook } from "#server/billing/webhook.ts";
import { dataFor, serviceData } from "#server/convex/client.ts";
import { signature } from "#stripe-stand-in/messages.ts";
import { until } from "#tests/api.ts";
import { StripePages } from "#tests/stripe-pages.ts";
import { listening, type Owner, STRIPE_SECRET, StripeWorld } from "#tests/stripe-world.ts";
import { servedBy } from "#tests/web-server.ts";

let world: StripeWorld;
/** Ways to the database and to Stripe that see each step of a server. */
const ways: http.Server[] = [];
let environment: Record<string, string>;
let steps = 0;
let onStep = (_step: number): void => undefined;

/** Passes everything on, and tells of a step once it has been carried out and before its server hears of it. */
function wayTo(target: string): http.Server {
  return servedBy(async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.body ? await request.arrayBuffer() : null;
    const headers = new Headers(request.headers);
    for (const name of ["host", "connection", "content-length", "transfer-encoding"]) headers.delete(name);
    const answer = await fetch(target + pathname + search, { method: request.method, headers, body });
    const bytes = await answer.arrayBuffer();
    onStep((steps += 1));
    const type = answer.headers.get("content-type") ?? "application/json";
    return new Response(bytes, { status: answer.status, headers: { "content-type": type } });
  });
}

beforeAll(async () => {
  world = await StripeWorld.start();
  ways.push(wayTo(world.data.url), wayTo(world.url));
  const [convex = "", stripe = ""] = await Promise.all(ways.map(listening));
  environment = { ...world.environment(), CONVEX_URL: convex, STRIPE_API_URL: stripe };
});
afterAll(async () => {
  for (const way of ways) {
    way.closeAllConnections();
    way.close();
  }
  await world?.stop();
});

function begin(given: object) {
  const child = spawn(
    process.execPath,
    ["--conditions=react-server", path.resolve(import.meta.dirname, "../../support/billing-process.ts")],
    { env: { ...process.env, ...environment }, stdio: ["pipe", "ignore", "inherit"] },
  );
  child.stdin.end(JSON.stringify(given));
  return child;
}

/** Has a server do something, and ends it at a step. @returns whether it came so far */
async function killedAt(step: number, given: object): Promise<boolean> {
  steps = 0;
  const child = begin(given);
  const ended = once(child, "exit");
  onStep = (now) => {
    if (now === step) child.kill("SIGKILL");
  };
  const [, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  onStep = () => undefined;
  return signal === "SIGKILL";
}

/** The message comes again, to another server. */
async function again(body: string): Promise<void> {
  const request = new Request("http://localhost:3999/api/webhooks/stripe", {
    method: "POST",
    headers: { "stripe-signature": signature(body, STRIPE_SECRET) },
    body,
  });
  expect((await stripeWebhook(request)).status).toBe(204);
}

const PAGE = { paginationOpts: { numItems: 100, cursor: null } };
async function booked(owner: Owner) {
  const data = dataFor(owner);
  const [{ balanceMicroUsd }, { page }] = await Promise.all([
    data.query(api.credits.balance, {}),
    data.query(api.credits.ledger, PAGE),
  ]);
  expect(balanceMicroUsd).toBe(page.reduce((sum, { deltaMicroUsd }) => sum + deltaMicroUsd, 0));
  return { balanceMicroUsd, entries: page.length };
}

test("a server killed at any step of a purchase's message: sent again, the credits are there once", async () => {
  const pages = new StripePages(world.url);
  const owner = await world.owner("killed");
  let bought = 0;
  let came = true;
  for (let step = 1; came; step += 1) {
    const { url } = await startCheckout(owner, 500);
    const before = world.messages.length;
    await pages.press(`${url}/pay`);
    bought += 1;
    await until("the messages", async () => world.messages.length === before + 2);
    const body = world.messages
      .slice(before)
      .find((message) => message.includes('"checkout.session.completed"'))!;
    const given = { kind: "webhook", body, signature: signature(body, STRIPE_SECRET) };
    came = await killedAt(step, given);
    // Whatever it got to, nothing is counted twice.
    expect((await booked(owner)).entries).toBeLessThanOrEqual(bought);
    if (came) await again(body);
    expect(await booked(owner)).toEqual({ balanceMicroUsd: bought * 5_000_000, entries: bought });
    expect(step, "a message takes fewer steps").toBeLessThan(20);
  }
  // To look, to read it at Stripe, and three writes at least.
  expect(bought).toBeGreaterThan(5);
});

test("a server killed at any step of a checkout's beginning: what was paid of it is credited all the same", async () => {
  const pages = new StripePages(world.url);
  let came = true;
  for (let step = 1; came; step += 1) {
    const owner = await world.owner(`begun-${step}`);
    const given = { kind: "checkout", owner };
    const known = new Set(Object.keys(world.book.rows.checkouts));
    came = await killedAt(step, given);
    if (came) await startCheckout(owner, 700);
    const begun = Object.values(world.book.rows.checkouts).filter(({ id }) => !known.has(id));
    // One that the person never saw is paid too: its customer is theirs.
    for (const { id } of begun) {
      const before = world.messages.length;
      await pages.press(`${world.url}/checkout/${id}/pay`);
      await until("the messages", async () => world.messages.length === before + 2);
      for (const body of world.messages.slice(before)) await again(body);
    }
    expect(begun.length).toBeGreaterThan(0);
    expect((await booked(owner)).balanceMicroUsd).toBe(begun.length * 7_000_000);
    expect(step, "a checkout takes fewer steps").toBeLessThan(20);
  }
});

/** An organization that has bought once, and wants one top-up a month, which is due. @returns its plan */
async function withTopUp(owner: Owner, pages: StripePages) {
  const before = world.messages.length;
  const { url } = await startCheckout(owner, 500);
  await pages.press(`${url}/pay`);
  await until("the messages", async () => world.messages.length === before + 2);
  for (const body of world.messages.slice(before)) await again(body);
  await setTopUp(owner, { on: true, amount_cents: 2_500, threshold_cents: 1_000, monthly_max_cents: 2_500 });
  const due = await serviceData().query(api.due.topUps, { now: Date.now() });
  expect(due.items).toHaveLength(1);
  return due.items[0]!.planId;
}

test("a server killed at any step of a top-up: the next one ends it, and the card is charged once", async () => {
  const pages = new StripePages(world.url);
  let tried = 0;
  for (let came = true; came;) {
    tried += 1;
    const owner = await world.owner(`topped-up-${tried}`);
    const planId = await withTopUp(owner, pages);
    const known = new Set(Object.keys(world.book.rows.payments));
    const before = world.messages.length;
    came = await killedAt(tried, { kind: "top-up", planId });
    // The next server's, and that of one that comes later still.
    await topUp(planId);
    await topUp(planId);
    const paid = Object.values(world.book.rows.payments).filter(({ id }) => !known.has(id));
    expect(paid.map(({ amountCents }) => amountCents)).toEqual([2_500]);
    await until("the payment's message", async () => world.messages.length > before);
    for (const body of world.messages.slice(before)) await again(body);
    expect(await booked(owner)).toEqual({ balanceMicroUsd: 30_000_000, entries: 2 });
    expect((await serviceData().query(api.due.topUps, { now: Date.now() })).items).toEqual([]);
    expect(tried, "a top-up takes fewer steps").toBeLessThan(20);
  }
  // The customer, the card, the attempt, the charge, and what is entered of it at least.
  expect(tried).toBeGreaterThan(5);
});
