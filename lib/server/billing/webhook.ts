import { randomUUID } from "node:crypto";
import type { Stripe } from "stripe";
import { readText, TooLarge } from "#net/body.ts";
import { env } from "../env.ts";
import { tooLargeBody } from "../http/bounded.ts";
import { problemResponse } from "../http/error.ts";
import { MAX_BODY_BYTES } from "../http/limits.ts";
import { refuse } from "../http/refuse.ts";
import { takeEvent } from "./payments.ts";
import { canBuy, stripe, stripeFault } from "./stripe.ts";

/** How old a signed message may be, in seconds: as Stripe's own documentation has it. */
const TOLERANCE_S = 300;

/** @throws HttpError invalid_request where the signature isn't Stripe's, or is too old */
async function signedEvent(request: Request, secret: string): Promise<Stripe.Event> {
  const body = await readText(request, MAX_BODY_BYTES);
  try {
    return await stripe().webhooks.constructEventAsync(
      body,
      request.headers.get("stripe-signature") ?? "",
      secret,
      TOLERANCE_S,
    );
  } catch (error) {
    if (stripeFault(error)?.type === "StripeSignatureVerificationError") throw refuse("billing_signature");
    if (error instanceof SyntaxError) throw refuse("json_invalid");
    throw error;
  }
}

/**
 * Stripe's messages, signed, over the bytes as they came. One that couldn't be taken is answered with an error, so that it
 * comes again.
 */
export async function stripeWebhook(request: Request): Promise<Response> {
  const { STRIPE_WEBHOOK_SECRET: secret } = env();
  try {
    if (!canBuy() || secret === undefined) throw refuse("billing_off");
    await takeEvent(await signedEvent(request, secret));
    return new Response(null, { status: 204 });
  } catch (error) {
    return problemResponse(
      error instanceof TooLarge ? tooLargeBody(MAX_BODY_BYTES) : error,
      request,
      randomUUID(),
    );
  }
}
