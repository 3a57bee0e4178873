import { route } from "#server/http/route.ts";
import { keepAlive } from "#server/sessions/keep-alive.ts";

export const POST = route("POST /api/studio/sessions/{id}/keepalive", async ({ caller, params }) => {
  await keepAlive(caller, params.id);
  return { ok: true };
});
