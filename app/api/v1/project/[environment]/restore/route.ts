import { route } from "#server/http/route.ts";
import { restoreDefinition } from "#server/project/definitions.ts";

export const POST = route(
  "POST /api/v1/project/{environment}/restore",
  async ({ caller, params: { environment }, body }) => await restoreDefinition(caller, environment, body),
);
