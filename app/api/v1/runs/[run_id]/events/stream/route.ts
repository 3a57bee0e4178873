import { route } from "#server/http/route.ts";
import { openRunStream } from "#server/stream/open.ts";

export const dynamic = "force-dynamic";

export const GET = route(
  "GET /api/v1/runs/{run_id}/events/stream",
  async ({ caller, params, query, request }) =>
    await openRunStream(caller, params.run_id, query.after, request),
);
