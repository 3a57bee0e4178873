import { route } from "#server/http/route.ts";
import { createServer, listServers } from "#server/mcp/servers.ts";

export const GET = route("GET /api/v1/mcp/servers", async ({ caller }) => ({
  servers: await listServers(caller),
}));

export const POST = route(
  "POST /api/v1/mcp/servers",
  async ({ caller, body }) => await createServer(caller, body),
);
