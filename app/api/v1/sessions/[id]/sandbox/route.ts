import { route } from "#server/http/route.ts";
import { sandboxStatusOf } from "#server/sessions/v1.ts";

export const GET = route(
  "GET /api/v1/sessions/{id}/sandbox",
  async ({ caller, params }) => await sandboxStatusOf(caller, params.id),
);
