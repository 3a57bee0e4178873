import { route } from "#server/http/route.ts";
import { openStream } from "#server/stream/open.ts";

export const dynamic = "force-dynamic";

export const GET = route(
  "GET /api/studio/sessions/{id}/events",
  async ({ caller, params, query, request }) => await openStream(caller, params.id, query.after, request),
);
