import { operatorRoute } from "#server/http/route.ts";
import { organizations } from "#server/operator/console.ts";

export const GET = operatorRoute(
  "GET /api/operator/organizations",
  async ({ query: { slug, ...page } }) => await organizations(page, slug),
);
