import { proposeMessage } from "#server/completions/commit-message.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/git/message",
  async ({ caller, params, body, request }) => await proposeMessage(caller, params.id, body, request.signal),
);
