import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { Models } from "#contracts/account.ts";
import type { ProviderStates } from "#contracts/sessions.ts";
import {
  CATALOG,
  type CatalogModel,
  type CatalogProvider,
  DEFAULT_MODEL,
  type KeySource,
  unlistedModel,
} from "#domain/catalog.ts";
import { firstModel, modelStatus, resolveModel } from "#domain/models.ts";
import type { Principal } from "#domain/principal.ts";
import { type Payer, whoPays } from "#domain/resolution.ts";
import type { OrganizationSettings } from "#domain/settings.ts";
import { env } from "./env.ts";
import { serviceData } from "./convex/client.ts";
import { platformUpstreams } from "./keys/upstream.ts";

export type OfferedProvider = CatalogProvider & { keySource: KeySource };

/** What an organization can pay with. */
export type Means = FunctionReturnType<typeof api.providerKeys.means>;

/** What the caller's organization can pay with, at this moment. */
export async function meansOf(caller: Exclude<Principal, { kind: "service" }>): Promise<Means> {
  const organizationId = caller.organizationId as Id<"organizations">;
  return await serviceData().query(api.providerKeys.means, { organizationId });
}

/** The catalog, and the organization's own endpoints behind it. */
export function providersOf(means: Means): CatalogProvider[] {
  const endpoints = means.keys.flatMap(({ provider: id, name, models }) =>
    models
      ? [
          {
            id,
            name,
            formats: ["openai-chat" as const],
            models: models.map((model) => unlistedModel(id, model)),
          },
        ]
      : [],
  );
  return [...CATALOG, ...endpoints];
}

/** Ids of the catalog's providers that the operator has a way to: there, credits can pay. */
export function platformProviders(): string[] {
  return CATALOG.filter(({ id, models }) =>
    models.some((model) => platformUpstreams(id, model.id).length > 0),
  ).map(({ id }) => id);
}

/** Who pays for a model, by what the organization and the operator have. */
export function payerOf(means: Means, provider: CatalogProvider, model: CatalogModel): Payer {
  const statusOf = (id: string) => means.keys.find((key) => key.provider === id)?.status ?? "none";
  return whoPays(
    {
      direct: statusOf(provider.id),
      openrouter: statusOf("openrouter"),
      onOpenrouter: model.openrouterId !== null,
      platform: platformUpstreams(provider.id, model.id).length > 0,
      creditsMicroUsd: means.creditsMicroUsd,
    },
    provider.name,
  );
}

/** The providers that can be used, each with the models that have a way to them, and who pays for the first of them. */
export function availableProviders(means: Means, now = new Date()): OfferedProvider[] {
  return providersOf(means).flatMap((provider) => {
    const payers = provider.models.flatMap((model) => {
      const resolved = resolveModel(provider.id, model.id, now, [provider]);
      const payer = resolved.ok ? payerOf(means, provider, resolved.model) : null;
      // Without credits it stays on the list: creating says what is missing, and where to get it.
      return payer && (payer.ok || payer.reason === "no_credits")
        ? [{ model, keySource: payer.ok ? payer.keySource : ("platform" as const) }]
        : [];
    });
    const [first] = payers;
    return first
      ? [{ ...provider, models: payers.map(({ model }) => model), keySource: first.keySource }]
      : [];
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
    priceKnown: !model.unpriced,
    verifiedAt: model.verifiedAt,
    images: model.images,
    status,
    available: status !== "retired",
    shutdownAt: model.shutdownAt,
    replacement: model.replacement,
    note: model.note ?? null,
  };
}

/**
 * What is chosen where nobody chose: what the organization has set, if it can be used; else the one provider that it
 * has a key for; else the catalog's default; else the first there is. Says where a retired model was replaced.
 */
function defaultModel(
  providers: readonly OfferedProvider[],
  wish: OrganizationSettings["default_model"],
  now: Date,
): Models["default"] {
  const own = providers.filter(({ keySource }) => keySource !== "platform");
  const only = own.length === 1 ? own[0] : undefined;
  const firstOf = (provider: OfferedProvider | undefined) => {
    const model = provider && firstModel(provider, now);
    return model ? { provider: provider.id, model: model.id } : null;
  };
  const fake = env().STUDIO_LLM_BACKEND === "fake" ? { provider: "demo", model: "demo" } : null;
  for (const wanted of [fake, wish, firstOf(only), DEFAULT_MODEL, firstOf(own[0]), firstOf(providers[0])]) {
    const found = wanted && resolveModel(wanted.provider, wanted.model, now, providers);
    if (found?.ok) return { provider: found.provider.id, model: found.model.id, notice: found.notice };
  }
  return null;
}

/** Every provider, with its models that are not retired, and whether a session can be started with it now. */
export function providerStates(means: Means, now = new Date()): ProviderStates {
  return providersOf(means).map((provider) => {
    const models = provider.models.filter((model) => modelStatus(model, now) !== "retired");
    const payers = models.map((model) => payerOf(means, provider, model));
    const refused = payers.find((payer) => !payer.ok);
    return {
      name: provider.id,
      available: payers.some(({ ok }) => ok),
      models: models.map(({ id }) => id),
      ...(refused && payers.every(({ ok }) => !ok) && { error: refused.detail }),
    };
  });
}

/** The same as the API shows it, with the model that is chosen where nobody chose. */
export function offeredModels(means: Means, now = new Date()): Models {
  const providers = availableProviders(means, now);
  return {
    providers: providers.map(({ id, name, keySource, models }) => ({
      id,
      name,
      keySource,
      models: models.map((model) => offered(model, now)),
    })),
    default: defaultModel(providers, means.settings.default_model, now),
  };
}
