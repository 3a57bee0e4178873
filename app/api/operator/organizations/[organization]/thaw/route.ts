import { api } from "#convex/_generated/api.js";
import { serviceData } from "#server/convex/client.ts";
import { operatorRoute } from "#server/http/route.ts";

export const POST = operatorRoute(
  "POST /api/operator/organizations/{organization}/thaw",
  async ({ operator, params, body }) =>
    await serviceData().mutation(api.freezes.thaw, { operator, ...params, ...body }),
);
