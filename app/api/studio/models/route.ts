import { route } from "../../../../lib/server/http/route.ts";
import { offeredModels } from "../../../../lib/server/catalog.ts";

export const GET = route({ handle: async () => offeredModels() });
