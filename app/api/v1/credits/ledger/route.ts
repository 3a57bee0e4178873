import { creditLedger } from "../../../../../lib/server/billing/credits.ts";
import { route } from "../../../../../lib/server/http/route.ts";

export const GET = route(
  "GET /api/v1/credits/ledger",
  async ({ caller, query }) => await creditLedger(caller, query),
);
