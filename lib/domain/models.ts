import { CATALOG, type CatalogModel, type CatalogProvider, type ModelTier } from "./catalog.ts";

/** `deprecated`: it still works, and its end is known. `retired`: it may no longer work. */
export type ModelStatus = "active" | "deprecated" | "retired";

/** Where a model stands at a moment: its provider's date decides, from the beginning of that day in UTC. */
export function modelStatus(model: Pick<CatalogModel, "shutdownAt">, now: Date): ModelStatus {
  if (model.shutdownAt === null) return "active";
  return now.getTime() >= Date.parse(`${model.shutdownAt}T00:00:00Z`) ? "retired" : "deprecated";
}

/** A model to work with, and what was asked for, where that is not the same. */
export interface ModelChoice {
  ok: true;
  provider: CatalogProvider;
  model: CatalogModel;
  /** The id that was asked for, in Studio's own words. */
  requestedModel: string;
  /** What a person should be told: that a model was replaced. */
  notice: string | null;
}

export type ModelResolution = ModelChoice | { ok: false; reason: "unknown_provider" | "unknown_model" };

/** The id without its `provider/` in front; undefined where it names another provider. */
function withoutProvider(id: string, provider: CatalogProvider): string | undefined {
  const slash = id.indexOf("/");
  if (slash < 0) return id;
  return id.slice(0, slash) === provider.id ? id.slice(slash + 1) : undefined;
}

/** Finds the model that an id means: Studio's own, the provider's, or OpenRouter's, with or without `provider/`. */
function named(provider: CatalogProvider, id: string): CatalogModel | undefined {
  const own = withoutProvider(id, provider);
  return (
    provider.models.find((model) => model.id === own) ??
    provider.models.find((model) => model.apiId === own || model.openrouterId === id)
  );
}

/** Follows replacements to a model that works; the model itself where there is none. */
function successor(provider: CatalogProvider, model: CatalogModel, now: Date): CatalogModel {
  let at = model;
  // As many steps as there are models: a circle of replacements ends too.
  for (const _ of provider.models) {
    if (modelStatus(at, now) !== "retired") return at;
    const next = provider.models.find((other) => other.id === at.replacement);
    if (!next) break;
    at = next;
  }
  return modelStatus(at, now) === "retired" ? model : at;
}

/**
 * The model to work with for what was asked. A retired one gives its replacement with a notice.
 * @param requestedId Studio's id, the provider's, or OpenRouter's; `provider/model` is accepted too
 */
export function resolveModel(
  providerId: string,
  requestedId: string,
  now: Date,
  catalog: readonly CatalogProvider[] = CATALOG,
): ModelResolution {
  const provider = catalog.find((p) => p.id === providerId);
  if (!provider) return { ok: false, reason: "unknown_provider" };
  const asked = named(provider, requestedId);
  if (!asked) return { ok: false, reason: "unknown_model" };
  const model = successor(provider, asked, now);
  const notice =
    model === asked
      ? null
      : `${provider.name} has retired ${asked.name} on ${asked.shutdownAt}, so ${model.name} is used instead.`;
  return { ok: true, provider, model, requestedModel: asked.id, notice };
}

const TIERS: readonly ModelTier[] = ["fast", "standard", "premium"];

/** The first model that works, fast tier first, one whose end is known last: what a provider starts with. */
export function firstModel(provider: Pick<CatalogProvider, "models">, now: Date): CatalogModel | undefined {
  const byTier = provider.models.toSorted((a, b) => TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier));
  return (
    byTier.find((model) => modelStatus(model, now) === "active") ??
    byTier.find((model) => modelStatus(model, now) === "deprecated")
  );
}

/**
 * What a million tokens of input and as many of output cost less with one model than with another, at the catalog's list
 * prices: integer micro-USD, below 0 where they cost more.
 * @returns undefined where the catalog has no price of one of them
 */
export function routedSavings(
  providerId: string,
  { asked, chosen }: { asked: string; chosen: string },
  catalog: readonly CatalogProvider[] = CATALOG,
): number | undefined {
  const models = catalog.find(({ id }) => id === providerId)?.models ?? [];
  const [from, to] = [asked, chosen].map((wanted) => models.find(({ id }) => id === wanted));
  const isPriced = (model: CatalogModel | undefined): model is CatalogModel =>
    model !== undefined && model.priceVerified && model.unpriced !== true;
  if (!isPriced(from) || !isPriced(to)) return undefined;
  const priceOf = (model: CatalogModel) => model.priceInMicroUsd + model.priceOutMicroUsd;
  return priceOf(from) - priceOf(to);
}
