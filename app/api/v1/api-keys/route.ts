import { createApiKey, listApiKeys } from "#server/auth/api-keys.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/v1/api-keys",
  async ({ caller, body }) => await createApiKey(caller, body),
);

export const GET = route(
  "GET /api/v1/api-keys",
  async ({ caller, query }) => await listApiKeys(caller, query),
);
