import { createApiKeyBody } from "../../../../lib/contracts/account.ts";
import { pageQuery } from "../../../../lib/contracts/sessions.ts";
import { createApiKey, listApiKeys } from "../../../../lib/server/auth/api-keys.ts";
import { route } from "../../../../lib/server/http/route.ts";

export const POST = route({
  body: createApiKeyBody,
  status: 201,
  handle: async ({ caller, body }) => await createApiKey(caller, body),
});

export const GET = route({
  query: pageQuery,
  handle: async ({ caller, query }) => await listApiKeys(caller, query),
});
