import { route } from "#server/http/route.ts";
import { readPolicies } from "#server/settings/network.ts";

export const GET = route("GET /api/v1/network", async ({ caller }) => ({
  network: await readPolicies(caller),
}));
