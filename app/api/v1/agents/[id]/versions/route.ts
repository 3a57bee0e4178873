import { listVersions } from "#server/agents/versions.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/agents/{id}/versions",
  async ({ caller, params, query }) => await listVersions(caller, params.id, query),
);
