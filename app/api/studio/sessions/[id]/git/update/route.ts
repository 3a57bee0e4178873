import { route } from "#server/http/route.ts";
import { abandonUpdate, updateFromBase } from "#server/sessions/git.ts";

export const POST = route("POST /api/studio/sessions/{id}/git/update", async ({ caller, params, body }) => ({
  conflicts: await updateFromBase(caller, params.id, body.folder),
}));

export const DELETE = route(
  "DELETE /api/studio/sessions/{id}/git/update",
  async ({ caller, params, query }) => await abandonUpdate(caller, params.id, query.folder),
);
