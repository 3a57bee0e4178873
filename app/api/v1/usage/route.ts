import { usageReport } from "#server/billing/usage.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/usage",
  async ({ caller, query }) => await usageReport(caller, query.days, query.by),
);
