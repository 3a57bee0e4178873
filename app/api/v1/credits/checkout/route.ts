import { startCheckout } from "#server/billing/checkout.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/v1/credits/checkout",
  async ({ caller, body }) => await startCheckout(caller, body.amount_cents),
);
