import { route } from "#server/http/route.ts";
import { listVariables } from "#server/keys/variables.ts";

export const GET = route("GET /api/v1/variables", async ({ caller }) => ({
  variables: await listVariables(caller),
}));
