import { route } from "#server/http/route.ts";
import { sessionArchive } from "#server/sessions/downloads.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/archive",
  async ({ caller, params }) => await sessionArchive(caller, params.id),
);
