import { operatorRoute } from "#server/http/route.ts";
import { liveSessions } from "#server/operator/console.ts";

export const GET = operatorRoute(
  "GET /api/operator/organizations/{organization}/sessions",
  async ({ params: { organization }, query: { status, ...page } }) =>
    await liveSessions(organization, status, page),
);
