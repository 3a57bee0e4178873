import { api } from "#convex/_generated/api.js";
import { serviceData } from "#server/convex/client.ts";
import { operatorRoute } from "#server/http/route.ts";

export const GET = operatorRoute(
  "GET /api/operator/organizations/{organization}",
  async ({ params }) => await serviceData().query(api.operatorReports.organization, params),
);
