import { listPurchases } from "#server/billing/checkout.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/credits/purchases",
  async ({ caller, query }) => await listPurchases(caller, query),
);
