import { route } from "#server/http/route.ts";
import { sessionArchive } from "#server/sessions/downloads.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/archive/zip",
  async ({ caller, params, query }) => await sessionArchive(caller, params.id, "zip", query),
);
