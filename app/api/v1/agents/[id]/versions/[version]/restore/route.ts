import { restoreVersion } from "#server/agents/versions.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/v1/agents/{id}/versions/{version}/restore",
  async ({ caller, params }) => await restoreVersion(caller, params.id, Number(params.version)),
);
