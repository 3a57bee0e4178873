import type { PricedProvider } from "#domain/price-list.ts";
import { CATALOG } from "#domain/catalog.ts";
import { modelStatus } from "#domain/models.ts";
import { type Means, payerOf } from "./catalog.ts";

/**
 * Every model that this version knows, whether it can be used or not: who would pay for it, or what it needs.
 * @param now by which models are of today, or of before
 */
export function priceList(means: Means, now = new Date()): PricedProvider[] {
  return CATALOG.filter(({ id }) => id !== "demo").map((provider) => ({
    id: provider.id,
    name: provider.name,
    models: provider.models.map((model) => {
      const status = modelStatus(model, now);
      const payer = payerOf(means, provider, model);
      const next = provider.models.find(({ id }) => id === model.replacement);
      const { longContext } = model;
      return {
        id: model.id,
        name: model.name,
        tier: model.tier,
        contextTokens: model.contextTokens,
        prices: {
          inMicroUsd: model.priceInMicroUsd,
          cachedMicroUsd: model.priceCachedMicroUsd,
          outMicroUsd: model.priceOutMicroUsd,
        },
        isVerified: model.priceVerified,
        verifiedAt: model.verifiedAt,
        longContext: longContext
          ? {
              aboveTokens: longContext.aboveTokens,
              inMicroUsd: longContext.priceInMicroUsd,
              cachedMicroUsd: longContext.priceCachedMicroUsd,
              outMicroUsd: longContext.priceOutMicroUsd,
            }
          : null,
        status,
        shutdownAt: model.shutdownAt,
        replacement: next
          ? {
              name: next.name,
              inMicroUsd: next.priceInMicroUsd - model.priceInMicroUsd,
              outMicroUsd: next.priceOutMicroUsd - model.priceOutMicroUsd,
            }
          : null,
        needs: payer.ok
          ? { kind: payer.keySource }
          : payer.reason === "no_credits"
            ? { kind: "credits" as const }
            : { kind: "key" as const, onOpenrouter: model.openrouterId !== null },
      };
    }),
  }));
}
