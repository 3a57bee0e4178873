import { route } from "#server/http/route.ts";
import { openTerminal, terminalsOf } from "#server/sessions/terminals.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/terminals",
  async ({ caller, params }) => await terminalsOf(caller, params.id),
);

export const POST = route(
  "POST /api/studio/sessions/{id}/terminals",
  async ({ caller, params, body }) => await openTerminal(caller, params.id, body),
);
