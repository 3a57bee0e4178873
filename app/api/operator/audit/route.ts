import { operatorRoute } from "#server/http/route.ts";
import { operatorAudit } from "#server/operator/console.ts";

export const GET = operatorRoute(
  "GET /api/operator/audit",
  async ({ query: { organization, ...page } }) => await operatorAudit(page, organization),
);
