import { route } from "#server/http/route.ts";
import { listProviderKeys } from "#server/keys/provider-keys.ts";

export const GET = route("GET /api/v1/provider-keys", async ({ caller }) => ({
  provider_keys: await listProviderKeys(caller),
}));
