import { route } from "#server/http/route.ts";
import { pendingApprovals } from "#server/sessions/read.ts";

export const GET = route(
  "GET /api/v1/runs/{run_id}/approvals/pending",
  async ({ caller, params }) => await pendingApprovals(caller, params.run_id),
);
