import { route } from "#server/http/route.ts";
import { branchSession } from "#server/sessions/branch-session.ts";

export const POST = route("POST /api/v1/sessions/{id}/branch", async ({ caller, params, body }) => {
  const { from_seq: fromSeq, budget_cap_micro_usd: budgetCapMicroUsd, ...rest } = body;
  const session = await branchSession(caller, params.id, { fromSeq, budgetCapMicroUsd, ...rest });
  return { session_id: session.id };
});
