import { route } from "#server/http/route.ts";
import { decide } from "#server/sessions/decide.ts";

export const POST = route(
  "POST /api/v1/runs/{run_id}/approvals/{approval_key}",
  async ({ caller, params, body }) => {
    await decide(caller, params.run_id, params.approval_key, body.decision, body.reason, body.rule);
    return { ok: true };
  },
);
