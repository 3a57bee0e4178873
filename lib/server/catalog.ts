import type { Models } from "../contracts/account.ts";
import {
  CATALOG,
  type CatalogModel,
  type CatalogProvider,
  DEFAULT_MODEL,
  type KeySource,
} from "../domain/catalog.ts";
import { firstModel, modelStatus, resolveModel } from "../domain/models.ts";
import { platformUpstreams } from "./keys/upstream.ts";

export type OfferedProvider = CatalogProvider & { keySource: KeySource };

/** The providers that can be used here, each with the models that have a way to them, and who pays. */
export function availableProviders(now = new Date()): OfferedProvider[] {
  return CATALOG.flatMap((provider) => {
    const reachable = (id: string) => platformUpstreams(provider.id, id).length > 0;
    const models = provider.models.filter((model) => {
      const resolved = resolveModel(provider.id, model.id, now);
      return resolved.ok && reachable(resolved.model.id);
    });
    return models.length > 0 ? [{ ...provider, models, keySource: "platform" as const }] : [];
  });
}

function offered(model: CatalogModel, now: Date): Models["providers"][number]["models"][number] {
  const status = modelStatus(model, now);
  const { longContext } = model;
  return {
    id: model.id,
    name: model.name,
    tier: model.tier,
    contextTokens: model.contextTokens,
    outputTokens: model.outputTokens,
    priceInMicroUsd: model.priceInMicroUsd,
    priceCachedMicroUsd: model.priceCachedMicroUsd,
    priceOutMicroUsd: model.priceOutMicroUsd,
    priceCacheWriteMicroUsd: model.priceCacheWriteMicroUsd ?? null,
    priceCacheWriteLongMicroUsd: model.priceCacheWriteLongMicroUsd ?? null,
    longContext: longContext
      ? {
          aboveTokens: longContext.aboveTokens,
          priceInMicroUsd: longContext.priceInMicroUsd,
          priceCachedMicroUsd: longContext.priceCachedMicroUsd,
          priceOutMicroUsd: longContext.priceOutMicroUsd,
        }
      : null,
    priceVerified: model.priceVerified,
    verifiedAt: model.verifiedAt,
    images: model.images,
    status,
    available: status !== "retired",
    shutdownAt: model.shutdownAt,
    replacement: model.replacement,
    note: model.note ?? null,
  };
}

/** What is chosen where nobody chose: the catalog's default where its provider is offered, else the first there is. */
function defaultModel(providers: readonly OfferedProvider[], now: Date): Models["default"] {
  const wanted = resolveModel(DEFAULT_MODEL.provider, DEFAULT_MODEL.model, now, providers);
  if (wanted.ok) return { provider: wanted.provider.id, model: wanted.model.id };
  const [first] = providers;
  const model = first && firstModel(first, now);
  return model ? { provider: first.id, model: model.id } : null;
}

/** The same as the API shows it, with the model that is chosen where nobody chose. */
export function offeredModels(now = new Date()): Models {
  const providers = availableProviders(now);
  return {
    providers: providers.map(({ id, name, keySource, models }) => ({
      id,
      name,
      keySource,
      models: models.map((model) => offered(model, now)),
    })),
    default: defaultModel(providers, now),
  };
}
