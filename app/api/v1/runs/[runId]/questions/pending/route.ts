import { route } from "../../../../../../../lib/server/http/route.ts";
import { pendingQuestions } from "../../../../../../../lib/server/sessions/read.ts";

export const GET = route({
  handle: async ({ caller, params }) => await pendingQuestions(caller, params.runId ?? ""),
});
