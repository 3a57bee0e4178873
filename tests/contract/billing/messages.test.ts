import { afterAll, beforeAll, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { startCheckout } from "#server/billing/checkout.ts";
import { stripeWebhook } from "#server/billing/webhook.ts";
import { stripe } from "#server/billing/stripe.ts";
import { actorOf, dataFor, serviceData } from "#server/convex/client.ts";
import { signature } from "#stripe-stand-in/messages.ts";
import { until } from "#tests/api.ts";
import { StripePages } from "#tests/stripe-pages.ts";
import { type Owner, STRIPE_SECRET, StripeWorld } from "#tests/stripe-world.ts";

/** As many come at least; `npm run test:messages` has them be 10,000. */
const MESSAGES = Number(process.env.STUDIO_STRIPE_MESSAGES ?? 300);
const AT_ONCE = 8;

let world: StripeWorld;
beforeAll(async () => {
  world = await StripeWorld.start();
});
afterAll(async () => await world?.stop());

/** Numbers from 0 to 1 that are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function shuffled<T>(things: readonly T[], next: () => number): T[] {
  const all = [...things];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(next() * (at + 1));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all;
}

/** Delivers messages as Stripe does, some at a time. @returns how many were not taken */
async function deliver(bodies: readonly string[]): Promise<number> {
  let next = 0;
  let refused = 0;
  const work = async () => {
    for (let at = next++; at < bodies.length; at = next++) {
      const body = bodies[at]!;
      const request = new Request("http://localhost:3999/api/webhooks/stripe", {
        method: "POST",
        headers: { "stripe-signature": signature(body, STRIPE_SECRET) },
        body,
      });
      if (!(await stripeWebhook(request)).ok) refused += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return refused;
}

async function balanceOf(owner: Owner): Promise<{ balance: number; sum: number }> {
  const data = dataFor(owner);
  const { balanceMicroUsd } = await data.query(api.credits.balance, {});
  let sum = 0;
  for (let cursor: string | null = null, isDone = false; !isDone;) {
    const found: { page: { deltaMicroUsd: number }[]; continueCursor: string; isDone: boolean } =
      await data.query(api.credits.ledger, { paginationOpts: { numItems: 100, cursor } });
    sum += found.page.reduce((all, { deltaMicroUsd }) => all + deltaMicroUsd, 0);
    ({ continueCursor: cursor, isDone } = found);
  }
  return { balance: balanceMicroUsd, sum };
}

/** One more thing that people or their banks do. @returns how many messages tell of it */
async function act(owners: readonly Owner[], pages: StripePages, next: () => number): Promise<number> {
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(next() * all.length)];
  const payment = pick(Object.values(world.book.rows.payments));
  const dispute = pick(
    Object.values(world.book.rows.disputes).filter(({ status }) => status === "needs_response"),
  );
  const portal = world.url;
  const kind = next();
  if (kind < 0.2 && payment && payment.refundedCents < payment.amountCents) {
    const rest = payment.amountCents - payment.refundedCents;
    const amount = next() < 0.3 ? rest : Math.ceil(rest * next());
    await stripe().refunds.create({ payment_intent: payment.id, amount });
    return 1;
  }
  if (kind < 0.35 && payment && world.book.disputesOf(payment.id).length === 0) {
    await pages.press(`${world.url}/payments/${payment.id}/dispute`, portal);
    return 1;
  }
  if (kind < 0.5 && dispute) {
    await pages.press(`${world.url}/disputes/${dispute.id}/${next() < 0.5 ? "won" : "lost"}`, portal);
    return 1;
  }
  const { url } = await startCheckout(pick(owners)!, 500 + Math.floor(next() * 10_000));
  await pages.press(`${url}/pay`);
  return 2;
}

test(
  "messages of payments, refunds and disputes, doubled and in any order: the ledger is what Stripe says",
  { timeout: 1_800_000 },
  async () => {
    const next = random(22);
    const owners = [await world.owner("ada"), await world.owner("bob")];
    const pages = new StripePages(world.url);
    let told = 0;
    let taken = 0;
    let waiting: string[] = [];
    while (told * 2 < MESSAGES) {
      for (let acts = 0; acts < 20; acts += 1) told += await act(owners, pages, next);
      await until("the messages", async () => world.messages.length === told);
      waiting.push(...world.messages.slice(taken).flatMap((body) => [body, body]));
      taken = told;
      // Half of what waits comes now; the rest may come after what happens next.
      waiting = shuffled(waiting, next);
      expect(await deliver(waiting.splice(0, waiting.length >> 1))).toBe(0);
    }
    expect(await deliver(waiting)).toBe(0);
    for (const owner of owners) {
      const { customerId } = await serviceData().query(api.purchases.buyer, { actor: actorOf(owner) });
      const { balance, sum } = await balanceOf(owner);
      expect(balance).toBe(sum);
      expect(balance).toBe(world.cents(customerId!) * 10_000);
      expect(balance).toBeGreaterThan(0);
    }
  },
);
