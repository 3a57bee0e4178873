import { route } from "#server/http/route.ts";
import { connectServer } from "#server/mcp/test.ts";

export const POST = route(
  "POST /api/v1/mcp/connect",
  async ({ caller, body }) => await connectServer(caller, body),
);
