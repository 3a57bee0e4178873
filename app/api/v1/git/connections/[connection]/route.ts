import { removeGitConnection, saveGitConnection } from "#server/git/connections.ts";
import { route } from "#server/http/route.ts";

export const PUT = route("PUT /api/v1/git/connections/{connection}", async ({ caller, params, body }) => ({
  connection: await saveGitConnection(caller, params.connection, body),
}));

export const DELETE = route("DELETE /api/v1/git/connections/{connection}", async ({ caller, params }) => {
  await removeGitConnection(caller, params.connection);
});
