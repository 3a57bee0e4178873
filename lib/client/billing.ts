import type { JsonOf, SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";

export type Checkout = JsonOf<"GET /api/v1/credits/checkout/{id}">;
export type Purchases = JsonOf<"GET /api/v1/credits/purchases">;

/** Stripe may take that long. */
const STRIPE_MS = 70_000;

/** Begins a checkout of so many cents of credits. @returns where the person pays */
export const startCheckout = async (amountCents: number): Promise<string> =>
  (await call("POST /api/v1/credits/checkout", { body: { amount_cents: amountCents }, timeoutMs: STRIPE_MS }))
    .url;

/** How a checkout stands at Stripe. */
export const readCheckout = async (id: string): Promise<Checkout> =>
  await call("GET /api/v1/credits/checkout/{id}", { params: { id }, timeoutMs: STRIPE_MS });

/** What was bought last. */
export const readPurchases = async (): Promise<Purchases> =>
  await call("GET /api/v1/credits/purchases", { query: { limit: 20 } });

/** Opens Stripe's page of invoices and cards. @returns its address */
export const openPortal = async (): Promise<string> =>
  (await call("POST /api/v1/credits/portal", { timeoutMs: STRIPE_MS })).url;

export type TopUp = JsonOf<"GET /api/v1/credits/top-up">;

/** When credits are bought by themselves. */
export const readTopUp = async (): Promise<TopUp> => await call("GET /api/v1/credits/top-up");

/** Sets that. */
export const writeTopUp = async (body: SentBody<"PUT /api/v1/credits/top-up">): Promise<TopUp> =>
  await call("PUT /api/v1/credits/top-up", { body });
