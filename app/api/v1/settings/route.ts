import { route } from "../../../../lib/server/http/route.ts";
import { readSettings } from "../../../../lib/server/settings/settings.ts";

export const GET = route("GET /api/v1/settings", async ({ caller }) => ({
  settings: await readSettings(caller),
}));
