import { testGitConnection } from "#server/git/connections.ts";
import { route } from "#server/http/route.ts";

export const POST = route("POST /api/v1/git/connections/{connection}/test", async ({ caller, params }) => ({
  connection: await testGitConnection(caller, params.connection),
}));
