import { route } from "#server/http/route.ts";
import { stopSandbox } from "#server/sessions/v1.ts";

export const POST = route(
  "POST /api/v1/sessions/{id}/sandbox/stop",
  async ({ caller, params }) => await stopSandbox(caller, params.id),
);
