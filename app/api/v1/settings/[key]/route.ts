import { putSettingBody } from "../../../../../lib/contracts/settings.ts";
import { route } from "../../../../../lib/server/http/route.ts";
import { readSettings, settingKey, writeSetting } from "../../../../../lib/server/settings/settings.ts";

export const GET = route({
  handle: async ({ caller, params }) => {
    const key = settingKey(params.key ?? "");
    return { key, value: (await readSettings(caller))[key] };
  },
});

export const PUT = route({
  body: putSettingBody,
  handle: async ({ caller, params, body }) => ({
    key: params.key,
    value: await writeSetting(caller, params.key ?? "", body.value),
  }),
});
