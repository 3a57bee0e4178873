/** Wire format that a provider's models speak; the gateway never translates between them. */
export type WireFormat = "openai-chat" | "openai-responses" | "anthropic" | "google";

export type ModelTier = "fast" | "standard" | "premium";

/** One model. Prices are integer micro-USD for a million tokens. */
export interface CatalogModel {
  id: string;
  name: string;
  tier: ModelTier;
  contextTokens: number;
  outputTokens: number;
  priceInMicroUsd: number;
  priceCachedMicroUsd: number;
  priceOutMicroUsd: number;
  /** What a user should know before choosing it. */
  note?: string;
}

export interface CatalogProvider {
  id: string;
  name: string;
  /** The variable in the sandbox that holds the key, or the session's gateway token. */
  keyVariable: string;
  formats: readonly WireFormat[];
  models: readonly CatalogModel[];
}

/** Every provider that this version knows; which of them can be used is the operator's configuration. */
export const CATALOG: readonly CatalogProvider[] = [
  {
    id: "demo",
    name: "Demo",
    keyVariable: "DEMO_API_KEY",
    formats: ["openai-chat", "openai-responses", "anthropic", "google"],
    models: [
      {
        id: "demo",
        name: "Demo model",
        tier: "fast",
        contextTokens: 128_000,
        outputTokens: 16_384,
        priceInMicroUsd: 100_000,
        priceCachedMicroUsd: 10_000,
        priceOutMicroUsd: 400_000,
        note: "A script on this machine, not an AI. It follows plain requests, so that Studio can be tried without a key.",
      },
    ],
  },
];

export const ENVIRONMENTS = ["development", "production"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export type KeySource = "platform" | "direct" | "openrouter";

/** Finds a model of a provider; undefined where either is not known. */
export function findModel(
  providerId: string,
  modelId: string,
): { provider: CatalogProvider; model: CatalogModel } | undefined {
  const provider = CATALOG.find((p) => p.id === providerId);
  const model = provider?.models.find((m) => m.id === modelId);
  return provider && model ? { provider, model } : undefined;
}

/** Tokens of one model call, as its provider reported them. `cachedTokens` are part of `inputTokens`. */
export interface TokenUsage {
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
}

/** What a call costs, in integer micro-USD, rounded up once over the whole call. */
export function costMicroUsd(
  model: Pick<CatalogModel, "priceInMicroUsd" | "priceCachedMicroUsd" | "priceOutMicroUsd">,
  usage: TokenUsage,
): number {
  const fresh = Math.max(0, usage.inputTokens - usage.cachedTokens);
  const total =
    BigInt(fresh) * BigInt(model.priceInMicroUsd) +
    BigInt(usage.cachedTokens) * BigInt(model.priceCachedMicroUsd) +
    BigInt(usage.outputTokens) * BigInt(model.priceOutMicroUsd);
  return Number((total + 999_999n) / 1_000_000n);
}
