import { api } from "../../../convex/_generated/api.js";
import { costMicroUsd } from "../../domain/catalog.ts";
import { serviceData } from "../convex/client.ts";
import type { Upstream } from "../keys/upstream.ts";
import { log, messageOf } from "../log.ts";
import type { Figures } from "./figures.ts";
import type { GatewaySession } from "./tokens.ts";

/** A provider's own price may differ from the catalog's by this much before it is worth a look. */
const PRICE_TOLERANCE = 1.25;

/** One model call under way. */
export interface Call {
  session: GatewaySession;
  upstream: Upstream;
  requestId: string;
}

/** What a call costs: by the provider's own word where it gives one, else by the catalog's prices. */
export function costOf(upstream: Upstream, figures: Figures): number {
  const listed = figures.usage ? costMicroUsd(upstream.model, figures.usage) : 0;
  const { reportedCostMicroUsd: reported } = figures;
  if (upstream.route !== "openrouter" || reported === null) return listed;
  if (Math.max(listed, reported) > PRICE_TOLERANCE * Math.min(listed, reported) + 1)
    log("warn", "a provider's price differs from the catalog's", {
      model: upstream.modelId,
      listed,
      reported,
    });
  return reported;
}

/** What a provider's refusal means, for the person who waits. */
export function refusalSentence(name: string, status: number): string {
  if (status === 401 || status === 403) return `${name} refused the key (${status}).`;
  if (status === 402) return `${name} says that the key's account has no credit (402).`;
  if (status === 404) return `${name} does not have this model for this key (404).`;
  if (status === 429) return `${name} allows no more calls for now (429).`;
  if (status >= 500) return `${name} is overloaded or out of order (${status}).`;
  return `${name} did not accept the call (${status}).`;
}

/** Logs on the session that a provider refused or could not be reached, so that a person sees why the agent is silent. */
export async function recordFailure(
  { session, requestId }: Call,
  failure: {
    status: number;
    error: string;
    retryAfterMs?: number | undefined;
    /** True where the agent will ask again by itself. */
    waits: boolean;
  },
): Promise<void> {
  const { sessionId, provider, model, keySource } = session;
  const { retryAfterMs, ...rest } = failure;
  const retry = retryAfterMs !== undefined && { retryAfterMs };
  await serviceData()
    .mutation(api.usage.recordError, {
      sessionId,
      provider,
      model,
      keySource,
      requestId,
      ...rest,
      ...retry,
    })
    .catch((failed: unknown) => log("warn", "a model error was not recorded", { error: messageOf(failed) }));
}
