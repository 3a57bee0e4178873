import { route } from "#server/http/route.ts";
import { keepGoing, stopGoing } from "#server/sessions/green.ts";

export const POST = route("POST /api/studio/sessions/{id}/git/green", async ({ caller, params, body }) => ({
  green: await keepGoing(caller, params.id, body),
}));

export const DELETE = route(
  "DELETE /api/studio/sessions/{id}/git/green",
  async ({ caller, params, query }) => await stopGoing(caller, params.id, query.folder),
);
