import { createHash } from "node:crypto";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type {
  checkoutResponse,
  checkoutStateResponse,
  portalResponse,
  purchasesResponse,
} from "#contracts/billing.ts";
import type { Principal } from "#domain/principal.ts";
import { creditsOfCents } from "#domain/purchases.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { pageOf } from "../http/page.ts";
import { refuse } from "../http/refuse.ts";
import { CREDIT_CENTS, settleCheckout } from "./payments.ts";
import { asked, canBuy } from "./stripe.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** Where people come back to; Stripe fills the id in. */
const backTo = (query = "") => `${env().STUDIO_PUBLIC_URL.replace(/\/$/, "")}/settings/billing${query}`;

const fingerprint = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** Who the organization is to Stripe: kept once, even where two people ask at the same time. */
async function customerFor(caller: Caller): Promise<string> {
  const data = serviceData();
  const { organizationId, name, email, customerId } = await data.query(api.purchases.buyer, {
    actor: actorOf(caller),
  });
  if (!canBuy()) throw refuse("billing_off");
  if (customerId !== null) return customerId;
  const made = await asked(
    async (stripe) =>
      await stripe.customers.create(
        { name, email, metadata: { organization: organizationId } },
        // Stripe refuses the same key with other words: two people each get an answer, and the first one's counts.
        { idempotencyKey: `studio:customer:${organizationId}:${fingerprint(`${name}\n${email}`)}` },
      ),
  );
  return await data.mutation(api.purchases.noteCustomer, { organizationId, customerId: made.id });
}

/**
 * Begins a checkout of credits.
 * @param amountCents of credits, without tax
 * @throws HttpError not_ready | forbidden | upstream_failed
 */
export async function startCheckout(
  caller: Caller,
  amountCents: number,
): Promise<z.infer<typeof checkoutResponse>> {
  const customer = await customerFor(caller);
  const tax = env().STRIPE_TAX;
  const session = await asked(
    async (stripe) =>
      await stripe.checkout.sessions.create({
        mode: "payment",
        customer,
        line_items: [
          {
            quantity: 1,
            price_data: {
              currency: "usd",
              unit_amount: amountCents,
              tax_behavior: "exclusive",
              product_data: { name: "Studio credits" },
            },
          },
        ],
        payment_intent_data: {
          metadata: { [CREDIT_CENTS]: String(amountCents) },
          // The card can be charged for top-ups that an admin turns on.
          setup_future_usage: "off_session",
        },
        invoice_creation: { enabled: true },
        ...(tax && {
          automatic_tax: { enabled: true },
          tax_id_collection: { enabled: true },
          billing_address_collection: "required" as const,
          customer_update: { name: "auto" as const, address: "auto" as const },
        }),
        success_url: backTo("?checkout={CHECKOUT_SESSION_ID}"),
        cancel_url: backTo(),
      }),
  );
  if (!session.url) throw refuse("payments_unreachable");
  await serviceData().mutation(api.purchases.begin, {
    actor: actorOf(caller),
    checkoutId: session.id,
    amountMicroUsd: creditsOfCents(amountCents),
  });
  return { id: session.id, url: session.url };
}

/** How a checkout of the organization stands. @throws HttpError not_found */
export async function checkoutState(
  caller: Caller,
  checkoutId: string,
): Promise<z.infer<typeof checkoutStateResponse>> {
  const known = await dataFor(caller).query(api.purchases.checkout, { checkoutId });
  const state = known.state === "paid" ? known.state : await settleCheckout(checkoutId);
  return { id: checkoutId, state, amount_micro_usd: known.amountMicroUsd };
}

/** A page of what the organization has bought, newest first. */
export async function listPurchases(
  caller: Principal,
  page: { limit: number; cursor?: string | undefined },
): Promise<z.infer<typeof purchasesResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) => await dataFor(caller).query(api.purchases.list, { paginationOpts }),
  );
  return {
    purchases: rows.map((row) => ({
      id: row.id,
      state: row.state,
      bought_micro_usd: row.boughtMicroUsd,
      returned_micro_usd: row.returnedMicroUsd,
      disputed_micro_usd: row.disputedMicroUsd,
      receipt_url: row.receiptUrl,
      created_at: new Date(row.at).toISOString(),
    })),
    next_cursor: nextCursor,
  };
}

/** Opens Stripe's page of invoices and cards. @throws HttpError not_ready where nothing was ever bought */
export async function openPortal(caller: Caller): Promise<z.infer<typeof portalResponse>> {
  const { customerId } = await serviceData().query(api.purchases.buyer, { actor: actorOf(caller) });
  if (!canBuy()) throw refuse("billing_off");
  if (customerId === null) throw refuse("nothing_bought");
  const { url } = await asked(
    async (stripe) =>
      await stripe.billingPortal.sessions.create({ customer: customerId, return_url: backTo() }),
  );
  await serviceData().mutation(api.purchases.notePortal, { actor: actorOf(caller) });
  return { url };
}
