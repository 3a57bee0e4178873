import { route } from "#server/http/route.ts";
import { compareCheckpoints } from "#server/sessions/saved-looks.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/checkpoints/compare",
  async ({ caller, params, query }) => await compareCheckpoints(caller, params.id, query),
);
