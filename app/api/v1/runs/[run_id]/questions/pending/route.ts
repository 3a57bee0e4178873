import { route } from "../../../../../../../lib/server/http/route.ts";
import { pendingQuestions } from "../../../../../../../lib/server/sessions/read.ts";

export const GET = route(
  "GET /api/v1/runs/{run_id}/questions/pending",
  async ({ caller, params }) => await pendingQuestions(caller, params.run_id),
);
