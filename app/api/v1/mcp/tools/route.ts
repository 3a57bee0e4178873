import { route } from "#server/http/route.ts";
import { listTools } from "#server/mcp/servers.ts";

export const GET = route(
  "GET /api/v1/mcp/tools",
  async ({ caller, query }) => await listTools(caller, query.cursor),
);
