import { route } from "#server/http/route.ts";
import { serverCalls } from "#server/mcp/servers.ts";

export const GET = route(
  "GET /api/v1/mcp/servers/{id}/calls",
  async ({ caller, params }) => await serverCalls(caller, params.id),
);
