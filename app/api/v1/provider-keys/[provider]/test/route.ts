import { route } from "../../../../../../lib/server/http/route.ts";
import { testProviderKey } from "../../../../../../lib/server/keys/provider-keys.ts";

export const POST = route({
  handle: async ({ caller, params }) => ({
    provider_key: await testProviderKey(caller, params.provider ?? ""),
  }),
});
