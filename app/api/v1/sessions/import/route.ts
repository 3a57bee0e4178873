import { route } from "#server/http/route.ts";
import { importSession } from "#server/sessions/import-session.ts";

export const POST = route(
  "POST /api/v1/sessions/import",
  async ({ caller, request, query }) => await importSession(caller, request, query),
);
