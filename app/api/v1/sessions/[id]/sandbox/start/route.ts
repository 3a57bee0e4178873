import { route } from "#server/http/route.ts";
import { startSandbox } from "#server/sessions/v1.ts";

export const POST = route(
  "POST /api/v1/sessions/{id}/sandbox/start",
  async ({ caller, params }) => await startSandbox(caller, params.id),
);
