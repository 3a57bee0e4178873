import { projectChanges } from "#server/changes/view.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/project",
  async ({ caller, params }) => await projectChanges(caller, params.id),
);
