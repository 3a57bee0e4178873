import { revokeApiKey } from "../../../../../lib/server/auth/api-keys.ts";
import { route } from "../../../../../lib/server/http/route.ts";

export const DELETE = route({
  handle: async ({ caller, params }) => {
    await revokeApiKey(caller, params.id ?? "");
    return new Response(null, { status: 204 });
  },
});
