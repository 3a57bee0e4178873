import { route } from "#server/http/route.ts";
import { meansOf, providerStates } from "#server/catalog.ts";

export const GET = route("GET /api/v1/providers", async ({ caller }) => ({
  providers: providerStates(await meansOf(caller)),
}));
