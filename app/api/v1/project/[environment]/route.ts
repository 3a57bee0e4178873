import { route } from "#server/http/route.ts";
import { listDefinitions } from "#server/project/definitions.ts";

export const GET = route(
  "GET /api/v1/project/{environment}",
  async ({ caller, params: { environment } }) => await listDefinitions(caller, environment),
);
