import { route } from "#server/http/route.ts";
import { listChanges } from "#server/project/definitions.ts";

export const GET = route(
  "GET /api/v1/project/{environment}/changes",
  async ({ caller, params: { environment }, query }) => await listChanges(caller, environment, query),
);
