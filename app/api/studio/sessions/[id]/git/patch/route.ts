import { route } from "#server/http/route.ts";
import { sessionPatch } from "#server/sessions/downloads.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/git/patch",
  async ({ caller, params, query }) => await sessionPatch(caller, params.id, query.folder),
);
