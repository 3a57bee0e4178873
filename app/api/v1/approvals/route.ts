import { route } from "#server/http/route.ts";
import { listApprovals } from "#server/sessions/read.ts";

export const GET = route(
  "GET /api/v1/approvals",
  async ({ caller, query }) => await listApprovals(caller, query),
);
