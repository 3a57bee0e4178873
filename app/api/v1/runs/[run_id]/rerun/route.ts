import { route } from "#server/http/route.ts";
import { rerun } from "#server/sessions/headless.ts";

export const POST = route(
  "POST /api/v1/runs/{run_id}/rerun",
  async ({ caller, params, body, request }) => await rerun(caller, params.run_id, body, request),
);
