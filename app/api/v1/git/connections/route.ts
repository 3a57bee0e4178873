import { listGitConnections } from "#server/git/connections.ts";
import { route } from "#server/http/route.ts";

export const GET = route("GET /api/v1/git/connections", async ({ caller }) => ({
  connections: await listGitConnections(caller),
}));
