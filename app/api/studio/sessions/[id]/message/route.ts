import { messageBody } from "../../../../../../lib/contracts/sessions.ts";
import { route } from "../../../../../../lib/server/http/route.ts";
import { sendMessage } from "../../../../../../lib/server/sessions/send-message.ts";

export const POST = route({
  body: messageBody,
  status: 202,
  handle: async ({ caller, params, body }) => ({
    runId: await sendMessage(caller, params.id ?? "", body.message),
  }),
});
