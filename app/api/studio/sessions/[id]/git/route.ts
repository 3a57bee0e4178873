import { route } from "#server/http/route.ts";
import { sessionGit } from "#server/sessions/git.ts";

export const GET = route("GET /api/studio/sessions/{id}/git", async ({ caller, params }) => ({
  repositories: await sessionGit(caller, params.id),
}));
