import { usageReport } from "../../../../lib/server/billing/usage.ts";
import { route } from "../../../../lib/server/http/route.ts";

export const GET = route(
  "GET /api/v1/usage",
  async ({ caller, query }) => await usageReport(caller, query.days, query.by),
);
