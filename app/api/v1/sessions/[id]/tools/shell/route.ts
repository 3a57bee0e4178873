import { route } from "#server/http/route.ts";
import { runCommand } from "#server/sessions/tools.ts";

export const POST = route(
  "POST /api/v1/sessions/{id}/tools/shell",
  async ({ caller, params, body }) => await runCommand(caller, params.id, body),
);
