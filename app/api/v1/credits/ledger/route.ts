import { creditLedger, ledgerCsv } from "#server/billing/credits.ts";
import { route } from "#server/http/route.ts";

export const GET = route("GET /api/v1/credits/ledger", async ({ caller, query, request }) =>
  query.format === "csv" ? await ledgerCsv(caller, query, request.url) : await creditLedger(caller, query),
);
