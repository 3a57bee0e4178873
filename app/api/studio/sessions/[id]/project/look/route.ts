import { lookNow } from "#server/sessions/project-changes.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/project/look",
  async ({ caller, params }) => await lookNow(caller, params.id),
);
