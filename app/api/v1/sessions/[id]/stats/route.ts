import { route } from "#server/http/route.ts";
import { statsOf } from "#server/sessions/v1.ts";

export const GET = route(
  "GET /api/v1/sessions/{id}/stats",
  async ({ caller, params }) => await statsOf(caller, params.id),
);
