import { meansOf, offeredModels } from "#server/catalog.ts";
import { route } from "#server/http/route.ts";

export const GET = route("GET /api/studio/models", async ({ caller }) =>
  offeredModels(await meansOf(caller)),
);
