import { route } from "#server/http/route.ts";
import { sessionConfig } from "#server/sessions/config.ts";

export const GET = route(
  "GET /api/v1/sessions/{id}/config",
  async ({ caller, params }) => await sessionConfig(caller, params.id),
);
