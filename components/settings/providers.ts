import type { KeyRow } from "#client/live-settings.ts";
import { whoPays } from "#domain/resolution.ts";

/** The providers that every organization can have a key for. */
export const PROVIDERS = [
  { id: "xai", name: "xAI", letters: "x", host: "api.x.ai" },
  { id: "anthropic", name: "Anthropic", letters: "A", host: "api.anthropic.com" },
  { id: "openai", name: "OpenAI", letters: "O", host: "api.openai.com" },
  { id: "google", name: "Google", letters: "G", host: "generativelanguage.googleapis.com" },
  { id: "openrouter", name: "OpenRouter", letters: "OR", host: "openrouter.ai" },
] as const;

export const isEndpoint = (provider: string) => provider.startsWith("compatible:");

/** As much of a key as may be seen. */
export function masked(row: Pick<KeyRow, "prefix" | "last4">): string {
  return `${row.prefix}••••••••${row.last4}`;
}

/**
 * Who would pay for a session on this provider's models, in words.
 * @param platform providers that the operator pays for, out of the organization's credits
 */
export function payerLabel(provider: string, keys: readonly KeyRow[], platform: readonly string[]): string {
  const status = (id: string) => keys.find((row) => row.provider === id)?.status ?? "none";
  if (isEndpoint(provider))
    return status(provider) === "active" ? "You, at this endpoint" : "Not used until a test succeeds";
  if (provider === "openrouter")
    return status(provider) === "active" ? "You, for providers without a key of their own" : "Needs a key";
  const name = PROVIDERS.find(({ id }) => id === provider)?.name ?? provider;
  const payer = whoPays(
    {
      direct: status(provider),
      openrouter: status("openrouter"),
      onOpenrouter: true,
      platform: platform.includes(provider),
      // Whether any are left is billing's to say; here it matters where they would be taken from.
      creditsMicroUsd: 1,
    },
    name,
  );
  if (!payer.ok)
    return {
      none: "—",
      inactive: "Needs a test",
      error: "Key rejected",
      active: "—",
    }[status(provider)];
  return {
    direct: `Your ${name} key`,
    openrouter: "Your OpenRouter key",
    platform: "Platform credits",
  }[payer.keySource];
}
