import { route } from "#server/http/route.ts";
import { deleteProviderKey, saveProviderKey } from "#server/keys/provider-keys.ts";

export const PUT = route("PUT /api/v1/provider-keys/{provider}", async ({ caller, params, body }) => ({
  provider_key: await saveProviderKey(caller, params.provider, body),
}));

export const DELETE = route("DELETE /api/v1/provider-keys/{provider}", async ({ caller, params }) => {
  await deleteProviderKey(caller, params.provider);
});
