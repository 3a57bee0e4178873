import { route } from "#server/http/route.ts";
import { sendMessage } from "#server/sessions/send-message.ts";

export const POST = route("POST /api/studio/sessions/{id}/message", async ({ caller, params, body }) => ({
  runId: await sendMessage(caller, params.id, body.message),
}));
