import type { Id } from "../../../convex/_generated/dataModel.js";
import { api } from "../../../convex/_generated/api.js";
import { cached, cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { singleton } from "../singleton.ts";
import { type Keyring, open, parseKeyring, unwrap } from "./envelope.ts";

export const keyring = (): Keyring => singleton("keyring", () => parseKeyring(env().STUDIO_KEK));

/** A stored key in clear, for a call that this server makes. Null where there is none. */
export async function openKey(organizationId: string, provider: string) {
  const sealed = await serviceData().query(api.providerKeys.sealed, {
    organizationId: organizationId as Id<"organizations">,
    provider,
  });
  if (!sealed) return null;
  const { dataKey: stored, ciphertext, version, ...shown } = sealed;
  const dataKey = unwrap(keyring(), organizationId, stored);
  return { ...shown, apiKey: open(dataKey, { organizationId, provider, version }, ciphertext) };
}

export type OwnKey = NonNullable<Awaited<ReturnType<typeof openKey>>>;

const KEY_CACHE_MS = 5_000;
const MAX_CACHED = 500;

const keys = () => cacheOf<ReturnType<typeof openKey>>("own-keys", { max: MAX_CACHED, ttlMs: KEY_CACHE_MS });
const nameOf = (organizationId: string, provider: string) => `${organizationId}|${provider}`;

/** The organization's own key, opened at most every five seconds: a key that was removed ends within that time. */
export async function ownKey(organizationId: string, provider: string): ReturnType<typeof openKey> {
  const name = nameOf(organizationId, provider);
  return await cached(keys(), name, async () => await openKey(organizationId, provider));
}

/** Forgets an organization's key, so that a change of it counts at once in this process. */
export function forgetKey(organizationId: string, provider: string): void {
  keys().delete(nameOf(organizationId, provider));
}
