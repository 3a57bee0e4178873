import { route } from "#server/http/route.ts";
import { rewindSession } from "#server/sessions/rewind.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/rewind",
  async ({ caller, params, body }) => await rewindSession(caller, params.id, body),
);
