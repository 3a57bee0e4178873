import { route } from "#server/http/route.ts";
import { listProposals } from "#server/rules/simulate.ts";

export const GET = route(
  "GET /api/v1/runs/{run_id}/approvals/{approval_key}/proposals",
  async ({ caller, params }) => await listProposals(caller, params.run_id, params.approval_key),
);
