import { stripeWebhook } from "#server/billing/webhook.ts";

/** Stripe's messages of payments, signed. */
export const POST = stripeWebhook;
