import { decisionBody } from "../../../../../../../lib/contracts/sessions.ts";
import { route } from "../../../../../../../lib/server/http/route.ts";
import { decide } from "../../../../../../../lib/server/sessions/decide.ts";

export const POST = route({
  body: decisionBody,
  handle: async ({ caller, params, body }) => {
    await decide(caller, params.runId ?? "", params.approvalKey ?? "", body.decision, body.reason);
    return { ok: true };
  },
});
