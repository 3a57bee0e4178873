import { route } from "#server/http/route.ts";
import { handOverFindings, sessionFindings } from "#server/sessions/green.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/git/findings",
  async ({ caller, params, query }) => await sessionFindings(caller, params.id, query.folder),
);

export const POST = route(
  "POST /api/studio/sessions/{id}/git/findings",
  async ({ caller, params, body }) => ({ runId: await handOverFindings(caller, params.id, body) }),
);
