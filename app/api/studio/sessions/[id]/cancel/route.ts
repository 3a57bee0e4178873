import { route } from "#server/http/route.ts";
import { cancelRun } from "#server/sessions/cancel-run.ts";

export const POST = route("POST /api/studio/sessions/{id}/cancel", async ({ caller, params, body }) => {
  await cancelRun(caller, params.id, body.runId);
  return { ok: true };
});
