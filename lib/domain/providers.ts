/** The providers whose keys an organization can have, besides any number of compatible endpoints. */
export const KEY_PROVIDERS = ["xai", "anthropic", "openai", "google", "openrouter"] as const;

/** `compatible:` and a slug of the organization's own choice. */
export const COMPATIBLE_ID = /^compatible:[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** True for a provider whose key an organization can have. */
export function isKeyProvider(id: string): boolean {
  return KEY_PROVIDERS.some((known) => known === id) || COMPATIBLE_ID.test(id);
}
