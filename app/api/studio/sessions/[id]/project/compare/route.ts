import { compareWith } from "#server/sessions/project-changes.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/project/compare",
  async ({ caller, params, body }) => await compareWith(caller, params.id, body.revision),
);
