import { api } from "#convex/_generated/api.js";
import type { apiKeysResponse, createApiKeyBody, createApiKeyResponse } from "#contracts/account.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { pageOf } from "../http/page.ts";
import { makeSecret } from "./opaque.ts";

/** Makes an API key of the caller. The answer holds the key itself, this once. */
export async function createApiKey(
  caller: Exclude<Principal, { kind: "service" }>,
  body: z.output<typeof createApiKeyBody>,
): Promise<z.infer<typeof createApiKeyResponse>> {
  if (body.expires_at !== undefined && Date.parse(body.expires_at) <= Date.now())
    throw refuse("api_key_expiry_past");
  const { secret, stored } = makeSecret("sk_studio");
  const id = await serviceData().mutation(api.apiKeys.create, {
    actor: actorOf(caller),
    name: body.name,
    environment: body.environment,
    scopes: body.scopes,
    ...stored,
    ...(body.expires_at !== undefined && { expiresAt: Date.parse(body.expires_at) }),
  });
  return { id, key: secret, name: body.name, organization_id: caller.organizationId };
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/** A page of the organization's keys, newest first, masked. */
export async function listApiKeys(
  caller: Principal,
  page: { limit: number; cursor?: string | undefined },
): Promise<z.infer<typeof apiKeysResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) => await dataFor(caller).query(api.apiKeys.list, { paginationOpts }),
  );
  return {
    api_keys: rows.map((row) => ({
      id: row.id,
      name: row.name,
      masked: `sk_studio_…${row.last4}`,
      scopes: row.scopes,
      environment: row.environment,
      created_at: new Date(row.createdAt).toISOString(),
      expires_at: iso(row.expiresAt),
      revoked_at: iso(row.revokedAt),
      last_used_at: iso(row.lastUsedAt),
    })),
    next_cursor: nextCursor,
  };
}

/** Ends a key for good. */
export async function revokeApiKey(caller: Principal, keyId: string): Promise<void> {
  await dataFor(caller).mutation(api.apiKeys.revoke, { keyId });
}
