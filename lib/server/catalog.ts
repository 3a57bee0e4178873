import type { Models } from "../contracts/account.ts";
import { CATALOG, type CatalogProvider, type KeySource } from "../domain/catalog.ts";
import { env } from "./env.ts";

/** The providers that can be used here, and who pays for each. */
export function availableProviders(): (CatalogProvider & { keySource: KeySource })[] {
  const usable: Record<string, boolean> = { demo: env().DEMO_MODEL_URL !== undefined };
  return CATALOG.filter((provider) => usable[provider.id]).map((provider) => ({
    ...provider,
    keySource: "platform",
  }));
}

/** The same as the API shows it, with the model that is chosen where nobody chose. */
export function offeredModels(): Models {
  const providers = availableProviders();
  const first = providers[0];
  const model = first?.models[0];
  return {
    providers: providers.map(({ id, name, keySource, models }) => ({
      id,
      name,
      keySource,
      models: models.map((model) => ({ ...model, note: model.note ?? null })),
    })),
    default: first && model ? { provider: first.id, model: model.id } : null,
  };
}
