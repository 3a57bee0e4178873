import { route } from "#server/http/route.ts";
import { rebuildSetup } from "#server/settings/setup.ts";

export const POST = route(
  "POST /api/v1/setup/{environment}/rebuild",
  async ({ caller, params: { environment }, query: { scope } }) => ({
    setup: await rebuildSetup(caller, environment, scope),
  }),
);
