import { operatorRoute } from "#server/http/route.ts";
import { supportSessions } from "#server/operator/console.ts";

export const GET = operatorRoute(
  "GET /api/operator/organizations/{organization}/support/sessions",
  async ({ operator, params: { organization }, query }) =>
    await supportSessions(operator, organization, query),
);
