import { route } from "../../../../../../lib/server/http/route.ts";
import { keepAlive } from "../../../../../../lib/server/sessions/keep-alive.ts";

export const POST = route("POST /api/studio/sessions/{id}/keepalive", async ({ caller, params }) => {
  await keepAlive(caller, params.id);
  return { ok: true };
});
