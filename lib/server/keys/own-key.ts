import type { Id } from "#convex/_generated/dataModel.js";
import { api } from "#convex/_generated/api.js";
import { cached, cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { refuse } from "../http/refuse.ts";
import { singleton } from "../singleton.ts";
import {
  CannotOpen,
  type Keyring,
  newDataKey,
  open,
  parseKeyring,
  type SecretPlace,
  unwrap,
  type WrappedKey,
} from "./envelope.ts";

export const keyring = (): Keyring => singleton("keyring", () => parseKeyring(env().STUDIO_KEK));

/** What cannot be opened, as its refusal is named. */
type Unreadable =
  | "provider_keys_unreadable"
  | "variables_unreadable"
  | "git_credentials_unreadable"
  | "mcp_unreadable"
  | "destination_unreadable";

/** Runs what opens something stored. @throws HttpError key_unreadable in place of CannotOpen */
export function opened<T>(work: () => T, unreadable: Unreadable = "provider_keys_unreadable"): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof CannotOpen ? refuse(unreadable) : error;
  }
}

/** An organization's data key. @throws HttpError key_unreadable where the operator's keys do not open it */
export const openDataKey = (
  organizationId: string,
  stored: WrappedKey,
  unreadable: Unreadable = "provider_keys_unreadable",
): Buffer => opened(() => unwrap(keyring(), organizationId, stored), unreadable);

/**
 * The data key with which an organization's next secret is sealed: its own, or a new one that is stored with it.
 * @throws HttpError key_unreadable where the operator's keys do not open it
 */
export function dataKeyFor(
  organizationId: string,
  stored: WrappedKey | null,
  unreadable: Unreadable = "provider_keys_unreadable",
): { key: Buffer; made?: WrappedKey } {
  if (stored) return { key: openDataKey(organizationId, stored, unreadable) };
  const made = newDataKey(keyring(), organizationId);
  return { key: made.dataKey, made: made.stored };
}

/** A secret that is sealed with an organization's data key, in clear. @throws HttpError key_unreadable */
export const openSecret = (
  stored: WrappedKey,
  place: SecretPlace,
  ciphertext: string,
  unreadable: Unreadable,
): string =>
  opened(() => open(openDataKey(place.organizationId, stored, unreadable), place, ciphertext), unreadable);

/**
 * A stored key in clear, for a call that this server makes. Null where there is none.
 * @throws HttpError key_unreadable where it cannot be opened
 */
export async function openKey(organizationId: string, provider: string) {
  const sealed = await serviceData().query(api.providerKeys.sealed, {
    organizationId: organizationId as Id<"organizations">,
    provider,
  });
  if (!sealed) return null;
  const { dataKey: stored, ciphertext, version, ...shown } = sealed;
  const place = { organizationId, name: provider, version };
  return { ...shown, apiKey: openSecret(stored, place, ciphertext, "provider_keys_unreadable") };
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
