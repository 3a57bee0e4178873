import { route } from "#server/http/route.ts";
import { checkWalls } from "#server/sessions/sandbox.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/sandbox/check",
  async ({ caller, params }) => await checkWalls(caller, params.id),
);
