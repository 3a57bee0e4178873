import { route } from "#server/http/route.ts";
import { testProviderKey } from "#server/keys/provider-keys.ts";

export const POST = route("POST /api/v1/provider-keys/{provider}/test", async ({ caller, params }) => ({
  provider_key: await testProviderKey(caller, params.provider),
}));
