import { route } from "#server/http/route.ts";
import { allowHost } from "#server/settings/network.ts";

export const POST = route(
  "POST /api/v1/network/{environment}/hosts",
  async ({ caller, params: { environment }, body }) => ({
    policy: await allowHost(caller, environment, body.host),
  }),
);
