import { operatorRoute } from "#server/http/route.ts";
import { organizations } from "#server/operator/console.ts";

export const GET = operatorRoute(
  "GET /api/operator/organizations",
  async ({ query: { search, ...page } }) => await organizations(page, search),
);
