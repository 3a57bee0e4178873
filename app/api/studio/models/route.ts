import { meansOf, offeredModels } from "../../../../lib/server/catalog.ts";
import { route } from "../../../../lib/server/http/route.ts";

export const GET = route("GET /api/studio/models", async ({ caller }) =>
  offeredModels(await meansOf(caller)),
);
