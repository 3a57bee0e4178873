import { route } from "#server/http/route.ts";
import { getRunWithWebhook } from "#server/sessions/read.ts";

export const GET = route("GET /api/v1/runs/{run_id}", async ({ caller, params }) => ({
  run: await getRunWithWebhook(caller, params.run_id),
}));
