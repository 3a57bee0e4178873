import { route } from "#server/http/route.ts";
import { readSettings } from "#server/settings/settings.ts";

export const GET = route("GET /api/v1/settings", async ({ caller }) => ({
  settings: await readSettings(caller),
}));
