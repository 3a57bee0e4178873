/**
 * Does one thing of a server's with Stripe, and ends: `webhook` takes the message on its input; `checkout` begins one for
 * the owner there; `top-up` does that of a plan. Tests end it in the middle.
 */
import { text } from "node:stream/consumers";
import type { Id } from "#convex/_generated/dataModel.js";
import { startCheckout } from "#server/billing/checkout.ts";
import { topUp } from "#server/billing/top-up.ts";
import { stripeWebhook } from "#server/billing/webhook.ts";
import type { Owner } from "./stripe-world.ts";

const given = JSON.parse(await text(process.stdin)) as
  | { kind: "webhook"; body: string; signature: string }
  | { kind: "checkout"; owner: Owner }
  | { kind: "top-up"; planId: Id<"topUpPlans"> };
if (given.kind === "checkout") await startCheckout(given.owner, 700);
else if (given.kind === "top-up") await topUp(given.planId);
else {
  const { body, signature } = given;
  const request = new Request("http://localhost:3999/api/webhooks/stripe", {
    method: "POST",
    headers: { "stripe-signature": signature },
    body,
  });
  await stripeWebhook(request);
}
