import { api } from "#convex/_generated/api.js";
import { costMicroUsd, dollarsAsMicroUsd } from "#domain/pricing.ts";
import { serviceData } from "../convex/client.ts";
import type { CallPlace } from "../http/seats.ts";
import type { OpenSpan } from "../telemetry/shape.ts";
import type { Upstream } from "../keys/upstream.ts";
import { log, messageOf } from "../log.ts";
import type { Figures } from "./figures.ts";
import type { GatewayCaller } from "./tokens.ts";

/** A provider's own price may differ from the catalog's by this much before it is worth a look. */
const PRICE_TOLERANCE = 1.25;

/** One model call under way. */
export interface Call {
  session: GatewayCaller;
  upstream: Upstream;
  requestId: string;
  /** Its place among the calls under way. */
  place: CallPlace;
  /** Its part of the run's trace: from the request until the answer has been counted. */
  span: OpenSpan;
  /** On the clock of `performance`. */
  startedAt: number;
}

/** A provider's own price above the most that the call can cost by this much is none. */
const REPORTED_TOLERANCE = 4;

/**
 * What is charged for a call, in micro-USD, rounded up once: by the provider's own word where it gives one, else by the
 * catalog's prices.
 * @param markupPercent on top of either; 100 where there is none
 */
export function costOf(
  upstream: Upstream,
  figures: Pick<Figures, "usage" | "reportedCostUsd">,
  markupPercent: number,
  held: { amountMicroUsd: number },
): number {
  if (upstream.model.unpriced) return 0;
  const listed = figures.usage ? costMicroUsd(upstream.model, figures.usage, markupPercent) : 0;
  if (upstream.route !== "openrouter" || figures.reportedCostUsd === null) return listed;
  const reported = dollarsAsMicroUsd(figures.reportedCostUsd, markupPercent);
  if (reported > REPORTED_TOLERANCE * Math.max(held.amountMicroUsd, listed)) return listed;
  if (Math.max(listed, reported) > PRICE_TOLERANCE * Math.min(listed, reported) + 1)
    log("warn", "a provider's price differs from the catalog's", {
      model: upstream.modelId,
      listed,
      reported,
    });
  return reported;
}

/**
 * Logs on the session that a provider refused or could not be reached, so that a person sees why the agent is silent. Who
 * has a call made is told by its response.
 */
export async function recordFailure(
  { session, requestId }: Call,
  failure: {
    status: number;
    error: string;
    retryAfterMs?: number | undefined;
    /** True where the agent will ask again by itself. */
    waits: boolean;
    /** True where the call is over, and brought the agent no further. */
    fruitless?: boolean;
  },
): Promise<void> {
  const { sessionId, provider, model, keySource } = session;
  if (session.by || !sessionId) return;
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
