import { route } from "#server/http/route.ts";
import { testServer } from "#server/mcp/test.ts";

export const POST = route(
  "POST /api/v1/mcp/servers/{id}/test",
  async ({ caller, params }) => await testServer(caller, params.id),
);
