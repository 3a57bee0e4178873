import { route } from "#server/http/route.ts";
import { stopSession } from "#server/sessions/stop-session.ts";
import { updateSession } from "#server/sessions/update-session.ts";
import { getSession } from "#server/sessions/read.ts";

export const GET = route("GET /api/studio/sessions/{id}", async ({ caller, params }) => ({
  session: await getSession(caller, params.id),
}));

export const DELETE = route("DELETE /api/studio/sessions/{id}", async ({ caller, params }) => {
  await stopSession(caller, params.id);
});

export const PATCH = route("PATCH /api/studio/sessions/{id}", async ({ caller, params, body }) => ({
  session: await updateSession(caller, params.id, body),
}));
