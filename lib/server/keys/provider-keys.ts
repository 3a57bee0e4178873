import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import { keyProvider, type ProviderKey, type putProviderKeyBody } from "#contracts/providers.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { refuse } from "../http/refuse.ts";
import { checkUrl, ForbiddenAddress, type GuardPolicy } from "../net/guarded-fetch.ts";
import { seal } from "./envelope.ts";
import { dataKeyFor, forgetKey, openKey } from "./own-key.ts";
import { providerAddress } from "./upstream.ts";
import { verifyKey } from "./verify.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Row = FunctionReturnType<typeof api.providerKeys.list>[number];

const NAMES: Record<string, string> = {
  xai: "xAI",
  anthropic: "Anthropic",
  openai: "OpenAI",
  google: "Google",
  openrouter: "OpenRouter",
};

/** Whether addresses that people type may lead into private networks. */
export const guardPolicy = (): GuardPolicy => ({ allowPrivate: env().STUDIO_ALLOW_PRIVATE_URLS });

function show(row: Row): ProviderKey {
  return {
    provider: row.provider,
    name: row.name,
    has_key: true,
    masked: `${row.prefix}…${row.last4}`,
    base_url: row.baseUrl,
    models:
      row.models?.map(({ id, name, contextTokens, outputTokens, prices }) => ({
        id,
        name,
        context_tokens: contextTokens,
        output_tokens: outputTokens,
        ...(prices && {
          prices: {
            input_micro_usd: prices.priceInMicroUsd,
            cached_input_micro_usd: prices.priceCachedMicroUsd,
            output_micro_usd: prices.priceOutMicroUsd,
          },
        }),
      })) ?? null,
    status: row.status,
    status_detail: row.statusDetail,
    verified_at: row.verifiedAt === null ? null : new Date(row.verifiedAt).toISOString(),
    updated_at: new Date(row.updatedAt).toISOString(),
  };
}

function providerId(text: string): string {
  const parsed = keyProvider.safeParse(text);
  if (!parsed.success) throw refuse("provider_not_keyed");
  return parsed.data;
}

/** Tries a key where its calls will go. What the operator has set is trusted; what somebody typed is looked at. */
async function verdictOn(provider: string, apiKey: string, typed: string | undefined) {
  if (typed !== undefined) return await verifyKey(provider, apiKey, typed, guardPolicy());
  const { url, byOperator } = providerAddress(provider);
  return await verifyKey(provider, apiKey, url, byOperator ? { allowPrivate: true } : guardPolicy());
}

/** The organization's keys, masked. */
export async function listProviderKeys(caller: Caller): Promise<ProviderKey[]> {
  return (await dataFor(caller).query(api.providerKeys.list, {})).map(show);
}

/**
 * Tests a key, encrypts it, and stores it. A key that the provider refuses is stored too, marked as such,
 * so that what was typed is not lost; it is not used.
 * @throws HttpError unknown_provider | invalid_request | forbidden | key_unreadable
 */
export async function saveProviderKey(
  caller: Caller,
  rawProvider: string,
  body: z.output<typeof putProviderKeyBody>,
): Promise<ProviderKey> {
  const provider = providerId(rawProvider);
  const compatible = provider.startsWith("compatible:");
  if (compatible && (!body.base_url || !body.models)) throw refuse("endpoint_incomplete");
  if (!compatible && (body.base_url !== undefined || body.models !== undefined))
    throw refuse("endpoint_not_own", { provider: NAMES[provider] ?? provider });
  if (/\s/.test(body.api_key)) throw refuse("provider_key_spaced");
  const baseUrl = body.base_url?.replace(/\/+$/, "");
  try {
    if (baseUrl !== undefined) checkUrl(baseUrl, guardPolicy());
  } catch (error) {
    if (error instanceof ForbiddenAddress) throw refuse("base_url_forbidden", { fault: error.message });
    throw error;
  }
  const data = serviceData();
  const actor = actorOf(caller);
  // Whoever may not save may not have keys tried on their word either.
  const { organizationId, nextVersion, dataKey } = await data.query(api.providerKeys.forSaving, {
    actor,
    provider,
  });
  const { key, made } = dataKeyFor(organizationId, dataKey);
  const verdict = await verdictOn(provider, body.api_key, baseUrl);
  const saved = await data.mutation(api.providerKeys.save, {
    actor,
    provider,
    name: body.name ?? NAMES[provider] ?? provider.replace("compatible:", ""),
    ...(baseUrl !== undefined && { baseUrl }),
    ...(body.models && {
      models: body.models.map((model) => ({
        id: model.id,
        name: model.name ?? model.id,
        contextTokens: model.context_tokens,
        outputTokens: model.output_tokens,
        ...(model.prices && {
          prices: {
            priceInMicroUsd: model.prices.input_micro_usd,
            priceCachedMicroUsd: model.prices.cached_input_micro_usd ?? model.prices.input_micro_usd,
            priceOutMicroUsd: model.prices.output_micro_usd,
          },
        }),
      })),
    }),
    ciphertext: seal(key, { organizationId, name: provider, version: nextVersion }, body.api_key),
    version: nextVersion,
    // Half of a short key would say too much of it.
    prefix: body.api_key.length >= 20 ? body.api_key.slice(0, 4) : "",
    last4: body.api_key.length >= 20 ? body.api_key.slice(-4) : "",
    status: verdict.status,
    statusDetail: verdict.detail,
    ...(verdict.status === "active" && { verifiedAt: Date.now() }),
    ...(made && { dataKey: made }),
  });
  forgetKey(organizationId, provider);
  if (!saved) throw refuse("provider_key_vanished");
  return show(saved);
}

/** Removes a key. Sessions that use it fail at their next model call. */
export async function deleteProviderKey(caller: Caller, provider: string): Promise<void> {
  await dataFor(caller).mutation(api.providerKeys.remove, { provider: providerId(provider) });
  forgetKey(caller.organizationId, provider);
}

/** Tests a stored key, and notes what was found. */
export async function testProviderKey(caller: Caller, rawProvider: string): Promise<ProviderKey> {
  const provider = providerId(rawProvider);
  const data = serviceData();
  const actor = actorOf(caller);
  await data.query(api.providerKeys.forSaving, { actor, provider });
  const found = await openKey(caller.organizationId, provider);
  if (!found) throw refuse("provider_key_not_found");
  const verdict = await verdictOn(provider, found.apiKey, found.baseUrl ?? undefined);
  const noted = await data.mutation(api.providerKeys.noteTest, {
    actor,
    provider,
    status: verdict.status,
    statusDetail: verdict.detail,
  });
  forgetKey(caller.organizationId, provider);
  return show(noted);
}
