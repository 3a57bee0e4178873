import { route } from "#server/http/route.ts";
import { serverTools } from "#server/mcp/servers.ts";

export const GET = route(
  "GET /api/v1/mcp/servers/{id}/tools",
  async ({ caller, params }) => await serverTools(caller, params.id),
);
