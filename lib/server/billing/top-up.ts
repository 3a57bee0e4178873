import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { TopUpFailure } from "#domain/top-up.ts";
import type { topUpBody, topUpResponse } from "#contracts/billing.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { dataFor, serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { refuse } from "../http/refuse.ts";
import { log } from "../log.ts";
import { CREDIT_CENTS, settlePayment } from "./payments.ts";
import { canBuy, stripe, stripeFault } from "./stripe.ts";

/** Whether credits can be bought without a person: not where Stripe works out a tax, which only its own page does. */
export const canTopUp = (): boolean => canBuy() && !env().STRIPE_TAX;

/** What the organization has set, and how it stands. */
export async function readTopUp(caller: Principal): Promise<z.infer<typeof topUpResponse>> {
  const plan = await dataFor(caller).query(api.topUps.get, {});
  return {
    on: plan?.isOn ?? false,
    amount_cents: plan?.amountCents ?? null,
    threshold_cents: plan?.thresholdCents ?? null,
    monthly_max_cents: plan?.monthlyMaxCents ?? null,
    month_cents: plan?.monthCents ?? 0,
    under_way: plan?.isUnderWay ?? false,
    failure: plan?.failure ?? null,
  };
}

/**
 * Sets when credits are bought by themselves, and for how much.
 * @throws HttpError not_ready where nothing was bought yet, so that no card is saved, or the operator sells none
 */
export async function setTopUp(
  caller: Principal,
  { on, ...cents }: z.infer<typeof topUpBody>,
): Promise<z.infer<typeof topUpResponse>> {
  if (on && !canBuy()) throw refuse("billing_off");
  if (on && !canTopUp()) throw refuse("top_up_tax");
  await dataFor(caller).mutation(api.topUps.set, {
    isOn: on,
    amountCents: cents.amount_cents,
    thresholdCents: cents.threshold_cents,
    monthlyMaxCents: cents.monthly_max_cents,
  });
  return await readTopUp(caller);
}

/** The card that was saved last; null where there is none, or Stripe has no such customer any more. */
async function savedCard(customer: string): Promise<string | null> {
  try {
    const cards = await stripe().paymentMethods.list({ customer, type: "card", limit: 1 });
    return cards.data[0]?.id ?? null;
  } catch (error) {
    if (stripeFault(error)?.type === "StripeInvalidRequestError") return null;
    throw error;
  }
}

/** Why Stripe did not take the money; undefined where that is not known, so that it is asked again. */
function failureOf(error: unknown): TopUpFailure | undefined {
  const fault = stripeFault(error);
  if (fault?.type === "StripeCardError")
    return fault.code === "authentication_required" ? "needs_action" : "declined";
  return fault?.type === "StripeInvalidRequestError" ? "refused" : undefined;
}

type Attempt = { key: string; cents: number; customerId: string; methodId: string; paymentId: string | null };

/** Charges the saved card. The same attempt again is the same payment. @throws what Stripe's client throws */
async function charge({ key, cents, customerId, methodId, paymentId }: Attempt) {
  if (paymentId !== null) return await stripe().paymentIntents.retrieve(paymentId);
  return await stripe().paymentIntents.create(
    {
      amount: cents,
      currency: "usd",
      customer: customerId,
      payment_method: methodId,
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      off_session: true,
      confirm: true,
      description: "Studio credits",
      metadata: { [CREDIT_CENTS]: String(cents) },
    },
    { idempotencyKey: key },
  );
}

/** A payment that failed can't be brought to its end by anybody later. */
async function giveUp(paymentId: string | undefined): Promise<void> {
  if (paymentId === undefined) return;
  await stripe()
    .paymentIntents.cancel(paymentId)
    .catch((error: unknown) =>
      log("info", "a failed top-up could not be cancelled", { paymentId, error: String(error) }),
    );
}

/**
 * Does the top-up of a plan that is due, or brings the one that is under way to its end. Never charges twice for one.
 * @throws what stands in the way of asking Stripe: it is asked again, under the same name
 */
export async function topUp(planId: Id<"topUpPlans">): Promise<void> {
  if (!canTopUp()) return;
  const data = serviceData();
  const customerId = await data.query(api.topUps.customer, { planId });
  const methodId = customerId === null ? null : await savedCard(customerId);
  const attempt = await data.mutation(api.topUps.reserve, { planId, methodId });
  if (!attempt) return;
  const { key } = attempt;
  const failed = async (failure: TopUpFailure) => {
    log("warn", "a top-up failed, and is turned off", { planId, failure });
    await data.mutation(api.topUps.finish, { planId, key, result: { kind: "failed", failure } });
  };
  try {
    const { id: paymentId, status } = await charge(attempt);
    if (status === "succeeded") {
      await settlePayment(paymentId);
      await data.mutation(api.topUps.finish, { planId, key, result: { kind: "paid" } });
    } else if (status === "processing")
      await data.mutation(api.topUps.finish, { planId, key, result: { kind: "later", paymentId } });
    else {
      await giveUp(paymentId);
      await failed(status === "requires_action" ? "needs_action" : "declined");
    }
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    await giveUp(stripeFault(error)?.payment_intent?.id);
    await failed(failure);
  }
}
