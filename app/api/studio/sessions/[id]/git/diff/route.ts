import { route } from "#server/http/route.ts";
import { sessionDiff } from "#server/sessions/git.ts";

export const GET = route("GET /api/studio/sessions/{id}/git/diff", async ({ caller, params, query }) => ({
  patch: await sessionDiff(caller, params.id, query),
}));
