import { route } from "#server/http/route.ts";
import { createRun } from "#server/sessions/headless.ts";
import { listRuns } from "#server/sessions/read-runs.ts";

export const POST = route(
  "POST /api/v1/runs",
  async ({ caller, body, request }) => await createRun(caller, body, request),
);

export const GET = route("GET /api/v1/runs", async ({ caller, query }) => await listRuns(caller, query));
