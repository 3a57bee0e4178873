import { type CatalogModel, findModel, unlistedModel, type WireFormat } from "#domain/catalog.ts";
import type { GatewayCaller } from "../gateway/tokens.ts";
import { env } from "../env.ts";
import { type OwnKey, ownKey } from "./own-key.ts";

/** Where a session's model calls go, with whose key, and what they cost. The key never leaves the server. */
export interface Upstream {
  /** The gateway's name of the way: a provider's id, or `openrouter`. It is in the address that the agent calls. */
  route: string;
  /** What a person reads where it fails. */
  name: string;
  /** The formats that are spoken there, each with its base URL: with the version, without a slash at the end. */
  endpoints: Partial<Record<WireFormat, string>>;
  key: string | null;
  /** True where the provider has refused this key of the organization's, and nobody has tested or replaced it since. */
  rejected?: boolean;
  /** True where somebody typed the address: it is looked at again at each call. */
  guarded: boolean;
  /** The session's model as this upstream names it: the only one that may be asked for. */
  modelId: string;
  /** Limits and prices. */
  model: CatalogModel;
}

/** What of a session decides its upstream. */
export type UpstreamSession = Pick<GatewayCaller, "provider" | "model" | "keySource"> & {
  organizationId: string;
};

/** The providers' own addresses. Google's has its version, Anthropic's too: the agent's packages put the rest behind. */
const ADDRESSES = {
  xai: "https://api.x.ai/v1",
  anthropic: "https://api.anthropic.com/v1",
  openai: "https://api.openai.com/v1",
  google: "https://generativelanguage.googleapis.com/v1beta",
  openrouter: "https://openrouter.ai/api/v1",
} as const;
type KeyedRoute = keyof typeof ADDRESSES;

const isKeyed = (route: string): route is KeyedRoute => Object.hasOwn(ADDRESSES, route);

/** The operator's settings for a provider. */
function platform(route: KeyedRoute): { key: string | undefined; baseUrl: string | undefined } {
  const settings = env();
  switch (route) {
    case "xai":
      return { key: settings.XAI_API_KEY, baseUrl: settings.XAI_BASE_URL };
    case "anthropic":
      return { key: settings.ANTHROPIC_API_KEY, baseUrl: settings.ANTHROPIC_BASE_URL };
    case "openai":
      return { key: settings.OPENAI_API_KEY, baseUrl: settings.OPENAI_BASE_URL };
    case "google":
      return { key: settings.GOOGLE_GENERATIVE_AI_API_KEY, baseUrl: settings.GOOGLE_BASE_URL };
    case "openrouter":
      return { key: settings.OPENROUTER_API_KEY, baseUrl: settings.OPENROUTER_BASE_URL };
  }
}

/** The platform's own keys, with where each is asked. */
export function platformKeys(): { route: string; key: string; url: string }[] {
  return (Object.keys(ADDRESSES) as KeyedRoute[]).flatMap((route) => {
    const { key } = platform(route);
    return key === undefined ? [] : [{ route, key, url: addressOf(route) }];
  });
}

const withoutSlash = (url: string) => url.replace(/\/+$/, "");

/** Where a provider is reached: at its own address, or where the operator says. */
function addressOf(route: KeyedRoute): string {
  return withoutSlash(platform(route).baseUrl ?? ADDRESSES[route]);
}

/** A provider's address, with its version. @throws Error where it is none of those with an address of their own */
export function providerAddress(provider: string): { url: string; byOperator: boolean } {
  if (!isKeyed(provider)) throw new Error(`The provider ${provider} has no address of its own.`);
  return { url: addressOf(provider), byOperator: platform(provider).baseUrl !== undefined };
}

/** The way to a provider of the catalog with one of its own keys; null where the catalog lacks the model. */
export function directUpstream(provider: string, modelId: string, key: string): Upstream | null {
  const found = findModel(provider, modelId);
  if (!found || !isKeyed(provider)) return null;
  const base = addressOf(provider);
  return {
    route: provider,
    name: found.provider.name,
    endpoints: Object.fromEntries(found.provider.formats.map((format) => [format, base])),
    key,
    guarded: false,
    modelId: found.model.apiId,
    model: found.model,
  };
}

/** The way to a provider's model through OpenRouter; null where that has no such model. */
export function openRouterUpstream(provider: string, modelId: string, key: string): Upstream | null {
  const found = findModel(provider, modelId);
  if (!found || found.model.openrouterId === null) return null;
  return {
    route: "openrouter",
    name: "OpenRouter",
    endpoints: { "openai-chat": addressOf("openrouter") },
    key,
    guarded: false,
    modelId: found.model.openrouterId,
    model: found.model,
  };
}

/** The way to an endpoint that speaks OpenAI's Chat Completions; `baseUrl` with its version. */
export function compatibleUpstream(endpoint: {
  route: string;
  name: string;
  baseUrl: string;
  key: string | null;
  model: CatalogModel;
}): Upstream {
  const { baseUrl, model, ...rest } = endpoint;
  return {
    ...rest,
    endpoints: { "openai-chat": withoutSlash(baseUrl) },
    guarded: true,
    modelId: model.apiId,
    model,
  };
}

function demoUpstream(modelId: string): Upstream | null {
  const { DEMO_MODEL_URL } = env();
  const found = findModel("demo", modelId);
  if (DEMO_MODEL_URL === undefined || !found) return null;
  const base = withoutSlash(DEMO_MODEL_URL);
  return {
    route: "demo",
    name: found.provider.name,
    endpoints: {
      "openai-chat": `${base}/v1`,
      "openai-responses": `${base}/v1`,
      anthropic: `${base}/v1`,
      google: `${base}/v1beta`,
    },
    key: null,
    guarded: false,
    modelId: found.model.apiId,
    model: found.model,
  };
}

/**
 * The ways that the platform's own keys open to a model, the first one first: the provider's key, then OpenRouter's.
 * None where the operator has set neither.
 */
export function platformUpstreams(provider: string, modelId: string): Upstream[] {
  if (provider === "demo") return [demoUpstream(modelId)].filter((upstream) => upstream !== null);
  const direct = isKeyed(provider) ? platform(provider).key : undefined;
  const openRouter = platform("openrouter").key;
  return [
    direct === undefined ? null : directUpstream(provider, modelId, direct),
    openRouter === undefined ? null : openRouterUpstream(provider, modelId, openRouter),
  ].filter((upstream) => upstream !== null);
}

/** Whose row of the organization's keys a session pays with. */
export const keyOwner = ({ provider, keySource }: Pick<UpstreamSession, "provider" | "keySource">): string =>
  keySource === "openrouter" ? "openrouter" : provider;

function upstreamWith({ provider, model, keySource }: UpstreamSession, found: OwnKey): Upstream | null {
  if (keySource === "openrouter") return openRouterUpstream(provider, model, found.apiKey);
  const listed = found.models?.find(({ id }) => id === model);
  if (found.baseUrl !== null && listed)
    return compatibleUpstream({
      route: provider,
      name: found.name,
      baseUrl: found.baseUrl,
      key: found.apiKey,
      model: unlistedModel(provider, listed),
    });
  return directUpstream(provider, model, found.apiKey);
}

/** The way that the organization's own key opens; null where there is none. */
async function ownUpstream(session: UpstreamSession): Promise<Upstream | null> {
  const found = await ownKey(session.organizationId, keyOwner(session));
  const upstream = found && upstreamWith(session, found);
  return upstream && { ...upstream, rejected: found.status === "error" };
}

/**
 * Where a session's model calls go, with whose key; null where there is no key.
 * @param route the way that the session's agent was set up for, if it is already: it calls that one alone,
 * though the operator has set another key since
 */
export async function upstreamOf(session: UpstreamSession, route?: string): Promise<Upstream | null> {
  if (session.keySource !== "platform") {
    const own = await ownUpstream(session);
    return own && (route === undefined || own.route === route) ? own : null;
  }
  const ways = platformUpstreams(session.provider, session.model);
  return (route === undefined ? ways[0] : ways.find((way) => way.route === route)) ?? null;
}
