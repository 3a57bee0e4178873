import { discardChanges } from "#server/sessions/project-changes.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/project/discard",
  async ({ caller, params, body }) => await discardChanges(caller, params.id, body),
);
