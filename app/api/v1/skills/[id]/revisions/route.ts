import { route } from "#server/http/route.ts";
import { listRevisions } from "#server/skills/skills.ts";

export const GET = route("GET /api/v1/skills/{id}/revisions", async ({ caller, params }) => ({
  revisions: await listRevisions(caller, params.id),
}));
