import { getVersion } from "#server/agents/versions.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/agents/{id}/versions/{version}",
  async ({ caller, params }) => await getVersion(caller, params.id, Number(params.version)),
);
