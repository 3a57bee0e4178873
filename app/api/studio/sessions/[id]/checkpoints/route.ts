import { route } from "#server/http/route.ts";
import { listCheckpoints, saveNow } from "#server/sessions/checkpoints.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/checkpoints",
  async ({ caller, params, query }) => await listCheckpoints(caller, params.id, query),
);

export const POST = route(
  "POST /api/studio/sessions/{id}/checkpoints",
  async ({ caller, params }) => await saveNow(caller, params.id),
);
