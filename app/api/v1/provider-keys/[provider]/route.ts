import { putProviderKeyBody } from "../../../../../lib/contracts/providers.ts";
import { route } from "../../../../../lib/server/http/route.ts";
import { deleteProviderKey, saveProviderKey } from "../../../../../lib/server/keys/provider-keys.ts";

export const PUT = route({
  body: putProviderKeyBody,
  handle: async ({ caller, params, body }) => ({
    provider_key: await saveProviderKey(caller, params.provider ?? "", body),
  }),
});

export const DELETE = route({
  handle: async ({ caller, params }) => {
    await deleteProviderKey(caller, params.provider ?? "");
    return new Response(null, { status: 204 });
  },
});
