import { projectChange } from "#server/changes/view.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/project/definition",
  async ({ caller, params, query }) => await projectChange(caller, params.id, query),
);
