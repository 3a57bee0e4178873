import { route } from "../../../../../lib/server/http/route.ts";
import { getRun } from "../../../../../lib/server/sessions/read.ts";

export const GET = route("GET /api/v1/runs/{run_id}", async ({ caller, params }) => ({
  run: await getRun(caller, params.run_id),
}));
