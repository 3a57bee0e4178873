import { route } from "#server/http/route.ts";
import { exportSession } from "#server/sessions/export-session.ts";

export const GET = route(
  "GET /api/v1/sessions/{id}/export",
  async ({ caller, params, query }) => await exportSession(caller, params.id, query.format),
);

export const POST = route(
  "POST /api/v1/sessions/{id}/export",
  async ({ caller, params, body }) => await exportSession(caller, params.id, body.format, body.mask),
);
