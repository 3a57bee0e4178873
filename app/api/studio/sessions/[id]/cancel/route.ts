import { cancelBody } from "../../../../../../lib/contracts/sessions.ts";
import { route } from "../../../../../../lib/server/http/route.ts";
import { cancelRun } from "../../../../../../lib/server/sessions/cancel-run.ts";

export const POST = route({
  status: 202,
  body: cancelBody,
  bodyOptional: true,
  handle: async ({ caller, params, body }) => {
    await cancelRun(caller, params.id ?? "", body.runId);
    return { ok: true };
  },
});
