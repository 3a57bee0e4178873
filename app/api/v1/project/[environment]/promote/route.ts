import { route } from "#server/http/route.ts";
import { promoteDefinitions } from "#server/project/definitions.ts";

export const POST = route(
  "POST /api/v1/project/{environment}/promote",
  async ({ caller, params: { environment }, body }) => await promoteDefinitions(caller, environment, body),
);
