import { route } from "#server/http/route.ts";
import { disconnectServer } from "#server/mcp/test.ts";

export const POST = route(
  "POST /api/v1/mcp/disconnect",
  async ({ caller, body }) => await disconnectServer(caller, body.name),
);
