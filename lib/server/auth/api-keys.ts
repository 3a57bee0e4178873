import { api } from "../../../convex/_generated/api.js";
import type { createApiKeyBody, createApiKeyResponse } from "../../contracts/account.ts";
import type { Principal } from "../../domain/principal.ts";
import type { z } from "zod";
import { dataFor } from "../convex/client.ts";
import { makeSecret } from "./opaque.ts";

/** Makes an API key of the caller. The answer holds the key itself, this once. */
export async function createApiKey(
  caller: Exclude<Principal, { kind: "service" }>,
  body: z.output<typeof createApiKeyBody>,
): Promise<z.infer<typeof createApiKeyResponse>> {
  const { secret, stored } = makeSecret("sk_studio");
  const id = await dataFor(caller).mutation(api.apiKeys.create, {
    name: body.name,
    environment: body.environment,
    scopes: body.scopes,
    ...stored,
    ...(body.expires_at !== undefined && { expiresAt: Date.parse(body.expires_at) }),
  });
  return { id, key: secret, name: body.name, organization_id: caller.organizationId };
}
