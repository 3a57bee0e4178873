import { pushChanges } from "#server/sessions/project-changes.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/project/push",
  async ({ caller, params, body }) => await pushChanges(caller, params.id, body),
);
