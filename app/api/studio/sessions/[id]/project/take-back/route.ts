import { takeBackPush } from "#server/sessions/project-changes.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/project/take-back",
  async ({ caller, params, body }) => await takeBackPush(caller, params.id, body.revision),
);
