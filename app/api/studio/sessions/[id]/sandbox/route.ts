import { route } from "#server/http/route.ts";
import { sandboxFacts } from "#server/sessions/sandbox.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/sandbox",
  async ({ caller, params }) => await sandboxFacts(caller, params.id),
);
