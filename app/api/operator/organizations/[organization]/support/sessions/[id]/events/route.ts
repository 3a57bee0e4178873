import { operatorRoute } from "#server/http/route.ts";
import { supportLog } from "#server/operator/console.ts";

export const GET = operatorRoute(
  "GET /api/operator/organizations/{organization}/support/sessions/{id}/events",
  async ({ operator, params: { organization, id }, query }) =>
    await supportLog(operator, organization, id, query),
);
