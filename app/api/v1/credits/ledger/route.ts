import { creditLedger } from "#server/billing/credits.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/credits/ledger",
  async ({ caller, query }) => await creditLedger(caller, query),
);
