import { route } from "#server/http/route.ts";
import { listRuns } from "#server/sessions/read.ts";

export const GET = route("GET /api/v1/runs", async ({ caller, query }) => await listRuns(caller, query));
