import type { KeySource, ModelTier } from "./catalog.ts";
import type { ModelStatus } from "./models.ts";

/** Prices of a million tokens, in micro-USD. */
interface Rates {
  inMicroUsd: number;
  cachedMicroUsd: number;
  outMicroUsd: number;
}

/** Who would pay for a model now; or what is missing: credits, or a key. */
export type ModelNeeds =
  | { [K in KeySource]: { kind: K } }[KeySource]
  | { kind: "credits" }
  | { kind: "key"; onOpenrouter: boolean };

/** A model as the price list has it. */
export interface PricedModel {
  id: string;
  name: string;
  tier: ModelTier;
  contextTokens: number;
  prices: Rates;
  /** False where nobody has published a price, and the provider's dearest stands in for it. */
  isVerified: boolean;
  /** The day on which the price was looked up. */
  verifiedAt: string;
  /** What the whole call costs once its input is longer than that. */
  longContext: (Rates & { aboveTokens: number }) | null;
  status: ModelStatus;
  shutdownAt: string | null;
  /** What takes its place, and how much more or less a million tokens of that cost. */
  replacement: { name: string; inMicroUsd: number; outMicroUsd: number } | null;
  needs: ModelNeeds;
}
export interface PricedProvider {
  id: string;
  name: string;
  models: PricedModel[];
}
