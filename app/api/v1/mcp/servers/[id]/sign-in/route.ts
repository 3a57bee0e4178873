import { route } from "#server/http/route.ts";
import { beginServerSignIn, dropServerSignIn } from "#server/mcp/grants.ts";

export const POST = route(
  "POST /api/v1/mcp/servers/{id}/sign-in",
  async ({ caller, params }) => await beginServerSignIn(caller, params.id),
);

export const DELETE = route("DELETE /api/v1/mcp/servers/{id}/sign-in", async ({ caller, params }) => {
  await dropServerSignIn(caller, params.id);
});
