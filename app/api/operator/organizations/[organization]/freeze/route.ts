import { api } from "#convex/_generated/api.js";
import { serviceData } from "#server/convex/client.ts";
import { operatorRoute } from "#server/http/route.ts";

export const POST = operatorRoute(
  "POST /api/operator/organizations/{organization}/freeze",
  async ({ operator, params, body }) =>
    await serviceData().mutation(api.freezes.freeze, { operator, ...params, ...body }),
);
