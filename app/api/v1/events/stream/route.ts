import { route } from "#server/http/route.ts";
import { openOrganizationStream } from "#server/stream/open.ts";

export const dynamic = "force-dynamic";

export const GET = route(
  "GET /api/v1/events/stream",
  async ({ caller, query, request }) => await openOrganizationStream(caller, query.after, request),
);
