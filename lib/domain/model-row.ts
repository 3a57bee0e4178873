import type { Prices } from "./pricing.ts";

export type ModelTier = "fast" | "standard" | "premium";

/** One reviewed line of the catalog, as `models.ts` holds it. */
export interface ModelRow {
  provider: string;
  /** Studio's own name of it: what sessions store and the API takes. */
  id: string;
  name: string;
  tier: ModelTier;
  /** The provider's name of it. */
  apiId: string;
  /** OpenRouter's name of it; null where it has none. */
  openrouterId: string | null;
  contextTokens: number;
  outputTokens: number;
  /** True where it takes images in its prompt. */
  images: boolean;
  /** Null where nobody has published any: then it is billed at its provider's dearest. */
  prices: Prices | null;
  /** The day, in UTC, from whose beginning the provider may no longer answer (YYYY-MM-DD); null where none is known. */
  shutdownAt: string | null;
  /** The `id` of the model that takes over. */
  replacement: string | null;
  /** The day on which limits and prices were last compared with their source (YYYY-MM-DD). */
  verifiedAt: string;
  /** Why a figure differs from the agent's model list on purpose; a refresh leaves such a line alone. */
  kept?: string;
  /** What a user should know before choosing it. */
  note?: string;
}
