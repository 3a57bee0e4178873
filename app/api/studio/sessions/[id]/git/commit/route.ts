import { route } from "#server/http/route.ts";
import { commitSession } from "#server/sessions/git.ts";

export const POST = route("POST /api/studio/sessions/{id}/git/commit", async ({ caller, params, body }) => ({
  commit: await commitSession(caller, params.id, body),
}));
