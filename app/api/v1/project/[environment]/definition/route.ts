import { route } from "#server/http/route.ts";
import { getDefinition, putDefinition } from "#server/project/definitions.ts";

export const GET = route(
  "GET /api/v1/project/{environment}/definition",
  async ({ caller, params: { environment }, query }) => await getDefinition(caller, environment, query),
);

export const PUT = route(
  "PUT /api/v1/project/{environment}/definition",
  async ({ caller, params: { environment }, body }) => await putDefinition(caller, environment, body),
);
