import { route } from "#server/http/route.ts";
import { pushSession } from "#server/sessions/git.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/git/push",
  async ({ caller, params, body }) => await pushSession(caller, params.id, body),
);
