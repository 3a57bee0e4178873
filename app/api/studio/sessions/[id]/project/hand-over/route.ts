import { handOverChanges } from "#server/sessions/project-changes.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/project/hand-over",
  async ({ caller, params, body }) => ({ runId: await handOverChanges(caller, params.id, body) }),
);
