import { route } from "../../../../../../../lib/server/http/route.ts";
import { pendingApprovals } from "../../../../../../../lib/server/sessions/read.ts";

export const GET = route({
  handle: async ({ caller, params }) => await pendingApprovals(caller, params.runId ?? ""),
});
