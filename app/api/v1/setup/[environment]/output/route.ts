import { route } from "#server/http/route.ts";
import { setupOutput } from "#server/settings/setup.ts";

export const GET = route(
  "GET /api/v1/setup/{environment}/output",
  async ({ caller, params: { environment }, query: { scope } }) =>
    await setupOutput(caller, environment, scope),
);
