import { api } from "../../../convex/_generated/api.js";
import { serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import type { Figures } from "./figures.ts";
import { charged, release, settled } from "./holds.ts";
import { type Call, costOf } from "./record.ts";

/** A call that was made is counted, though the database is out of reach for this long. */
const RECORD_MS = 10 * 60_000;

/** Counts a finished call by the provider's own figures, in place of its hold; one without figures counts nothing. */
export async function recordUsage(call: Call, figures: Figures): Promise<void> {
  if (!figures.usage) return await release(call);
  const { inputTokens, cachedTokens, outputTokens } = figures.usage;
  const { session, requestId } = call;
  const args = {
    sessionId: session.sessionId,
    requestId,
    provider: session.provider,
    model: session.model,
    keySource: session.keySource,
    inputTokens,
    cachedTokens,
    outputTokens,
    costMicroUsd: charged(call, costOf(call.upstream, figures)),
  };
  try {
    await persistently("usage", RECORD_MS, async () => await serviceData().mutation(api.usage.record, args));
  } finally {
    settled(call);
  }
}
