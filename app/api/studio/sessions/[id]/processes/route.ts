import { route } from "#server/http/route.ts";
import { processesOf } from "#server/sessions/processes.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/processes",
  async ({ caller, params }) => await processesOf(caller, params.id),
);
