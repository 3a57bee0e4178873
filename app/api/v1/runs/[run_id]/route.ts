import { route } from "#server/http/route.ts";
import { getWholeRun } from "#server/sessions/read-runs.ts";

export const GET = route("GET /api/v1/runs/{run_id}", async ({ caller, params }) => ({
  run: await getWholeRun(caller, params.run_id),
}));
