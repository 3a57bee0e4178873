import { route } from "#server/http/route.ts";
import { discardChanges } from "#server/sessions/git.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/git/discard",
  async ({ caller, params, body }) => await discardChanges(caller, params.id, body),
);
