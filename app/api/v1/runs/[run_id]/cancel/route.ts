import { route } from "#server/http/route.ts";
import { cancelRunById } from "#server/sessions/cancel-run.ts";

export const POST = route("POST /api/v1/runs/{run_id}/cancel", async ({ caller, params }) => {
  await cancelRunById(caller, params.run_id);
  return { ok: true };
});
