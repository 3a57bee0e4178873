import { route } from "#server/http/route.ts";
import { reviewExport } from "#server/sessions/export-session.ts";

export const POST = route(
  "POST /api/v1/sessions/{id}/export/review",
  async ({ caller, params, body }) => await reviewExport(caller, params.id, body.mask),
);
