import { route } from "#server/http/route.ts";
import { readSettings, writeSetting } from "#server/settings/settings.ts";

export const GET = route("GET /api/v1/settings/{key}", async ({ caller, params: { key } }) => ({
  key,
  value: (await readSettings(caller))[key],
}));

export const PUT = route("PUT /api/v1/settings/{key}", async ({ caller, params: { key }, body }) => ({
  key,
  value: await writeSetting(caller, key, body.value),
}));
