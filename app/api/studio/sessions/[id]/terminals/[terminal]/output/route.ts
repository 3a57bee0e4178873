import { route } from "#server/http/route.ts";
import { terminalOutput } from "#server/sessions/terminals.ts";

export const dynamic = "force-dynamic";

export const GET = route(
  "GET /api/studio/sessions/{id}/terminals/{terminal}/output",
  async ({ caller, params, request }) => await terminalOutput(caller, params.id, params.terminal, request),
);
