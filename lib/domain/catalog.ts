import type { ModelRow, ModelTier } from "./model-row.ts";
import models from "./models.json" with { type: "json" };
import { dearestPrices, type Prices } from "./pricing.ts";

export type { ModelTier } from "./model-row.ts";
export { costAtMost, costMicroUsd, type TokenUsage } from "./pricing.ts";

/** Wire format that a provider's models speak; the gateway never translates between them. */
export type WireFormat = "openai-chat" | "openai-responses" | "anthropic" | "google";

/** One model, with prices in integer micro-USD for a million tokens. */
export interface CatalogModel extends Omit<ModelRow, "prices">, Prices {
  /** False where nobody has published a price, and the provider's dearest stands in for it. */
  priceVerified: boolean;
  /** True where nobody has set a price at all, as for an endpoint of one's own: what its calls cost is not known. */
  unpriced?: boolean;
}

export interface CatalogProvider {
  id: string;
  name: string;
  formats: readonly WireFormat[];
  models: readonly CatalogModel[];
}

export const ENVIRONMENTS = ["development", "production"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export const KEY_SOURCES = ["platform", "direct", "openrouter"] as const;
export type KeySource = (typeof KEY_SOURCES)[number];

/**
 * The reviewed lines. Figures come from the model list of the pinned agent, ends of life from the providers' notices;
 * `npm run catalog:refresh` compares them with that list, and `-- --write` takes its figures over.
 */
export const MODEL_ROWS = models as readonly ModelRow[];

const PROVIDERS: readonly Omit<CatalogProvider, "models">[] = [
  {
    id: "xai",
    name: "xAI",
    formats: ["openai-responses", "openai-chat"],
  },
  { id: "anthropic", name: "Anthropic", formats: ["anthropic"] },
  {
    id: "openai",
    name: "OpenAI",
    formats: ["openai-responses", "openai-chat"],
  },
  { id: "google", name: "Google", formats: ["google"] },
  {
    id: "demo",
    name: "Demo",
    formats: ["openai-chat", "openai-responses", "anthropic", "google"],
  },
];

/** A line with the price that it is billed at. @throws Error where its provider has no known price at all */
function priced({ prices, ...row }: ModelRow, known: readonly Prices[]): CatalogModel {
  const billed = prices ?? dearestPrices(known);
  if (!billed) throw new Error(`The catalog knows no price of ${row.provider}.`);
  return { ...row, ...billed, priceVerified: prices !== null };
}

const pricesOf = (rows: readonly ModelRow[]) => rows.flatMap((row) => row.prices ?? []);

/** The provider's models out of reviewed lines, each with a price. */
export function modelsOf(provider: string, rows: readonly ModelRow[]): CatalogModel[] {
  const own = rows.filter((row) => row.provider === provider);
  return own.map((row) => priced(row, pricesOf(own)));
}

/** Every provider that this version knows; which of them can be used is the operator's configuration. */
export const CATALOG: readonly CatalogProvider[] = PROVIDERS.map((provider) => ({
  ...provider,
  models: modelsOf(provider.id, MODEL_ROWS),
}));

/** What is chosen where nobody chose; a retired one stands for its replacement. */
export const DEFAULT_MODEL = { provider: "xai", model: "grok-4-1-fast" } as const;

/** A provider's name; of one that the catalog does not have, its id. */
export const providerName = (id: string): string =>
  CATALOG.find((provider) => provider.id === id)?.name ?? id.replace(/^compatible:/, "");

/** Finds a model of a provider by Studio's own name of it; undefined where either is not known. */
export function findModel(
  providerId: string,
  modelId: string,
  catalog: readonly CatalogProvider[] = CATALOG,
): { provider: CatalogProvider; model: CatalogModel } | undefined {
  const provider = catalog.find((p) => p.id === providerId);
  const model = provider?.models.find((m) => m.id === modelId);
  return provider && model ? { provider, model } : undefined;
}

const UNPRICED: Prices = { priceInMicroUsd: 0, priceCachedMicroUsd: 0, priceOutMicroUsd: 0 };

/**
 * A model that the catalog does not list, as an endpoint of one's own may have. Of a provider in the catalog, its price
 * is the dearest one there: an unknown price is never free. What an endpoint of one's own costs is for its owner to say;
 * as long as nobody has, it is not known.
 */
export function unlistedModel(
  provider: string,
  model: Pick<CatalogModel, "id" | "name" | "contextTokens" | "outputTokens"> & {
    prices?: Prices | undefined;
  },
): CatalogModel {
  const own = MODEL_ROWS.filter((row) => row.provider === provider);
  const { prices = null, ...known } = model;
  const row: ModelRow = {
    ...known,
    provider,
    tier: "standard" satisfies ModelTier,
    apiId: model.id,
    openrouterId: null,
    images: false,
    prices,
    shutdownAt: null,
    replacement: null,
    verifiedAt: "",
  };
  if (prices === null && own.length === 0)
    return { ...priced({ ...row, prices: UNPRICED }, []), priceVerified: false, unpriced: true };
  return priced(row, pricesOf(own));
}
