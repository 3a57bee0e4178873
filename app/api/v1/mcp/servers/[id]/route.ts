import { route } from "#server/http/route.ts";
import { removeServer } from "#server/mcp/grants.ts";
import { updateServer } from "#server/mcp/servers.ts";

export const PATCH = route(
  "PATCH /api/v1/mcp/servers/{id}",
  async ({ caller, params, body }) => await updateServer(caller, params.id, body),
);

export const DELETE = route("DELETE /api/v1/mcp/servers/{id}", async ({ caller, params }) => {
  await removeServer(caller, params.id);
});
