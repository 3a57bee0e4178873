import type { KeySource } from "./catalog.ts";
import { problemFor } from "./problems.ts";

/** What is known of one of the organization's own keys. */
export type OwnKey = "none" | "active" | "inactive" | "error";

/** Everything that decides who pays for a session on one provider's model. */
export interface PaymentFacts {
  /** The organization's key for the provider itself. */
  direct: OwnKey;
  openrouter: OwnKey;
  /** Whether OpenRouter has this model. */
  onOpenrouter: boolean;
  /** The platform's own way to the model: its key for the provider, or its OpenRouter key. */
  platform: boolean;
  /** Balance less what is held, in micro-USD. */
  creditsMicroUsd: number;
}

export type Payer =
  | { ok: true; keySource: KeySource }
  | { ok: false; reason: "no_key" | "no_credits"; detail: string };

/**
 * Who pays: the organization's key for the provider, else its OpenRouter key, else platform credits.
 * A key that is not active is passed over, and named where nothing else is left.
 */
export function whoPays(facts: PaymentFacts, providerName: string): Payer {
  if (facts.direct === "active") return { ok: true, keySource: "direct" };
  if (facts.openrouter === "active" && facts.onOpenrouter) return { ok: true, keySource: "openrouter" };
  if (facts.platform && facts.creditsMicroUsd > 0) return { ok: true, keySource: "platform" };
  const kind = facts.platform ? "no_credits" : "no_key";
  const key = facts.direct === "error" || facts.direct === "inactive" ? facts.direct : null;
  return { ok: false, reason: kind, detail: problemFor(kind, { provider: providerName, key }).message };
}
