import { updateWorkspace } from "#server/sessions/project-changes.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/project/update",
  async ({ caller, params }) => await updateWorkspace(caller, params.id),
);
