import { route } from "#server/http/route.ts";
import { openSessionPullRequest } from "#server/sessions/pull-request.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/git/pull-request",
  async ({ caller, params, body }) => await openSessionPullRequest(caller, params.id, body),
);
