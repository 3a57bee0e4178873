import { route } from "#server/http/route.ts";
import { getRun } from "#server/sessions/read.ts";

export const GET = route("GET /api/v1/runs/{run_id}", async ({ caller, params }) => ({
  run: await getRun(caller, params.run_id),
}));
