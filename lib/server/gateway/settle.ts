import type { AnswerNote } from "#domain/answers.ts";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { TokenUsage } from "#domain/catalog.ts";
import { serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import { log } from "../log.ts";
import { metrics } from "../telemetry/telemetry.ts";
import type { Figures } from "./figures.ts";
import { type Held, markupPercent, release, settled } from "./holds.ts";
import { type Call, costOf } from "./record.ts";
import { loggedWords } from "./said.ts";

/** A call that was made is counted, though the database is out of reach for this long. */
const RECORD_MS = 10 * 60_000;
/** A count above the model's whole context by more than this is none: catalogs lag behind, but not so far. */
const CONTEXT_TOLERANCE = 4;

/** What a call is counted as. */
interface Settlement {
  /** As far as the provider has said it; 0 where it has not. */
  usage: TokenUsage;
  costMicroUsd: number;
  estimated: boolean;
  unpriced: boolean;
}

const NOTHING: TokenUsage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0 };

/**
 * What a call that the provider has answered well comes to. By its own figures, as far as they are there and can be;
 * for the rest the hold's estimate stands in. Null where the provider says itself that it failed, and counts nothing.
 * @param broken whether the answer did not come to its end
 */
export function settlementOf(call: Call, held: Held, figures: Figures, broken: boolean): Settlement | null {
  const { upstream } = call;
  if (figures.failure && !figures.usage) return null;
  const most = CONTEXT_TOLERANCE * upstream.model.contextTokens;
  const usage = figures.usage ?? NOTHING;
  const cut = (broken || figures.unread) && !figures.final;
  // One that says itself that it failed costs what it has said until then.
  const missing = figures.failure ? { input: false, output: false } : figures.missing;
  const inputMissing = missing.input || usage.inputTokens > most;
  const outputMissing =
    missing.output || (cut && !figures.failure) || usage.outputTokens > most * held.answers;
  const known = {
    ...usage,
    ...(inputMissing && { inputTokens: 0, cachedTokens: 0, cacheWriteTokens: 0, cacheWriteLongTokens: 0 }),
    ...(outputMissing && { outputTokens: missing.output ? 0 : Math.min(usage.outputTokens, most) }),
  };
  const unpriced = upstream.model.unpriced ?? false;
  if (!inputMissing && !outputMissing)
    return {
      usage: known,
      costMicroUsd: costOf(upstream, { ...figures, usage: known }, markupPercent(call), held),
      estimated: false,
      unpriced,
    };
  const likely = {
    ...known,
    ...(inputMissing && { inputTokens: held.inputTokens }),
    ...(outputMissing && { outputTokens: held.maxOutputTokens * held.answers }),
  };
  const byHold = inputMissing && outputMissing;
  return {
    usage: known,
    costMicroUsd: byHold
      ? held.amountMicroUsd
      : costOf(upstream, { ...figures, usage: likely }, markupPercent(call), held),
    estimated: !unpriced,
    unpriced,
  };
}

/**
 * Counts a finished call by the provider's own figures, in place of its hold.
 * @param answer `broken`: it was cut off; `fruitless`: it brought the agent no further; `note`: what people should know;
 * `said`: its words, or the beginning of them, and why it ended, where it is whole
 */
export async function recordUsage(
  call: Call,
  held: Held,
  figures: Figures,
  answer: {
    broken: boolean;
    fruitless?: boolean;
    note?: AnswerNote | undefined;
    said?: { text: string; reason: string };
  },
): Promise<void> {
  const { broken, fruitless, note, said } = answer;
  const settlement = settlementOf(call, held, figures, broken);
  if (!settlement) return await release(call);
  const { session, requestId } = call;
  const { usage, costMicroUsd, estimated, unpriced } = settlement;
  if (estimated)
    log("warn", "a provider's figures were absent or odd; the call is charged as it was estimated", {
      requestId,
      model: call.upstream.modelId,
      costMicroUsd,
    });
  const { by, sessionId, organizationId } = session;
  const args = {
    ...(sessionId && { sessionId }),
    ...(by && {
      by: {
        organizationId,
        userId: by.caller.userId as Id<"users">,
        ...(by.caller.kind === "apiKey" && { keyId: by.caller.keyId as Id<"apiKeys"> }),
        purpose: by.purpose,
      },
    }),
    requestId,
    provider: session.provider,
    model: session.model,
    keySource: session.keySource,
    inputTokens: usage.inputTokens,
    cachedTokens: usage.cachedTokens,
    outputTokens: usage.outputTokens,
    costMicroUsd,
    ...(estimated && { estimated }),
    ...(unpriced && { unpriced }),
    ...(fruitless && { fruitless }),
    ...(note && { note }),
    // What a person has asked for beside the runs, they have got themselves.
    ...(said &&
      !by &&
      sessionId && {
        answer: {
          ...(await loggedWords(sessionId, said.text)),
          stopReason: said.reason,
          durationMs: performance.now() - call.startedAt,
        },
      }),
  };
  metrics().tokens(session.provider, usage);
  try {
    await persistently("usage", RECORD_MS, async () => await serviceData().mutation(api.usage.record, args));
    by?.onRecorded?.({ usage, costMicroUsd: unpriced ? null : costMicroUsd });
  } finally {
    settled(call);
  }
}
