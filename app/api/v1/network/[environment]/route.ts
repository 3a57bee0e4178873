import { route } from "#server/http/route.ts";
import { writePolicy } from "#server/settings/network.ts";

export const PUT = route(
  "PUT /api/v1/network/{environment}",
  async ({ caller, params: { environment }, body }) => ({
    policy: await writePolicy(caller, environment, body),
  }),
);
