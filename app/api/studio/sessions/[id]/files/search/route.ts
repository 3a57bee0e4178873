import { route } from "#server/http/route.ts";
import { searchSavedFiles } from "#server/sessions/saved-looks.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/files/search",
  async ({ caller, params, query }) => await searchSavedFiles(caller, params.id, query.text),
);
