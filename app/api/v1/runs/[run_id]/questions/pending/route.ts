import { route } from "#server/http/route.ts";
import { pendingQuestions } from "#server/sessions/read.ts";

export const GET = route(
  "GET /api/v1/runs/{run_id}/questions/pending",
  async ({ caller, params }) => await pendingQuestions(caller, params.run_id),
);
