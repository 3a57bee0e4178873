import { route } from "#server/http/route.ts";
import { sendMessage } from "#server/sessions/send-message.ts";

export const POST = route("POST /api/v1/sessions/{id}/runs", async ({ caller, params, body }) => ({
  run_id: await sendMessage(caller, params.id, body.message),
}));
