import { usageQuery } from "../../../../lib/contracts/billing.ts";
import { usageReport } from "../../../../lib/server/billing/usage.ts";
import { route } from "../../../../lib/server/http/route.ts";

export const GET = route({
  query: usageQuery,
  handle: async ({ caller, query }) => await usageReport(caller, query.days, query.by),
});
