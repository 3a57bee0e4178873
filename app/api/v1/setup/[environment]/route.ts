import { route } from "#server/http/route.ts";
import { removeSetup, saveSetup } from "#server/settings/setup.ts";

export const PUT = route(
  "PUT /api/v1/setup/{environment}",
  async ({ caller, params: { environment }, body }) => ({
    setup: await saveSetup(caller, environment, body),
  }),
);

export const DELETE = route(
  "DELETE /api/v1/setup/{environment}",
  async ({ caller, params: { environment }, query: { scope } }) => {
    await removeSetup(caller, environment, scope);
  },
);
