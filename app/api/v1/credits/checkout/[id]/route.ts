import { checkoutState } from "#server/billing/checkout.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/credits/checkout/{id}",
  async ({ caller, params }) => await checkoutState(caller, params.id),
);
