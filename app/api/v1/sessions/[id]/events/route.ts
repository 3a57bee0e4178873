import { route } from "#server/http/route.ts";
import { listEvents } from "#server/sessions/read.ts";

export const GET = route(
  "GET /api/v1/sessions/{id}/events",
  async ({ caller, params, query }) => await listEvents(caller, params.id, query),
);
