import { revokeApiKey } from "#server/auth/api-keys.ts";
import { route } from "#server/http/route.ts";

export const DELETE = route("DELETE /api/v1/api-keys/{id}", async ({ caller, params }) => {
  await revokeApiKey(caller, params.id);
});
