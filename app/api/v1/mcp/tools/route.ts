import { route } from "#server/http/route.ts";
import { listTools } from "#server/mcp/servers.ts";

export const GET = route("GET /api/v1/mcp/tools", async ({ caller }) => await listTools(caller));
