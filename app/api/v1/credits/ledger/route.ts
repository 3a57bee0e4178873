import { pageQuery } from "../../../../../lib/contracts/sessions.ts";
import { creditLedger } from "../../../../../lib/server/billing/credits.ts";
import { route } from "../../../../../lib/server/http/route.ts";

export const GET = route({
  query: pageQuery,
  handle: async ({ caller, query }) => await creditLedger(caller, query),
});
