import { type Infer, v } from "convex/values";
import { budgetStep } from "#domain/budget-steps.ts";
import { MAX_ANSWER_CHARS } from "#domain/llm-events.ts";
import type { Doc, Id } from "../_generated/dataModel";
import { notifyBudget } from "./run-news.ts";
import type { SessionWriter } from "./session-writer.ts";

const SOURCE = "studio.gateway";
/** Characters of a word that comes from outside. */
const MAX_WORD = 60;

/** What the log says of a call that begins, as its gateway has read the request. */
export const askedCall = v.object({
  provider: v.string(),
  model: v.string(),
  inputTokens: v.number(),
  wireApi: v.string(),
  messages: v.number(),
  tools: v.number(),
});

/** What came of a call that brought an answer; of its text the beginning. */
export const answeredCall = v.object({
  content: v.string(),
  truncated: v.boolean(),
  stopReason: v.string(),
  durationMs: v.number(),
});

interface Spent {
  requestId: string;
  provider: string;
  model: string;
  inputTokens: number;
  outputTokens: number;
  costMicroUsd: number;
}

/** Logs that a call is made: once, with its hold. */
export async function callAsked(
  writer: SessionWriter,
  requestId: string,
  { provider, model, inputTokens, wireApi, messages, tools }: Infer<typeof askedCall>,
): Promise<void> {
  const { activeRunId: runId } = writer.session;
  await writer.append({
    type: "llm.request.started",
    source: SOURCE,
    ...(runId && { runId }),
    payload: {
      request_id: requestId,
      provider,
      model,
      input_tokens: inputTokens,
      wire_api: wireApi.slice(0, MAX_WORD),
      messages_count: messages,
      tools_count: tools,
    },
  });
}

/** Logs an answer that came to its end. */
export async function callAnswered(
  writer: SessionWriter,
  { requestId, provider, model, inputTokens, outputTokens }: Spent,
  { content, truncated, stopReason, durationMs }: Infer<typeof answeredCall>,
): Promise<void> {
  const { activeRunId: runId } = writer.session;
  await writer.append({
    type: "llm.response.completed",
    source: SOURCE,
    ...(runId && { runId }),
    payload: {
      request_id: requestId,
      provider,
      model,
      content: content.slice(0, MAX_ANSWER_CHARS),
      ...((truncated || content.length > MAX_ANSWER_CHARS) && { truncated: true }),
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      duration_ms: Math.max(0, Math.round(durationMs)),
      stop_reason: stopReason.slice(0, MAX_WORD),
    },
  });
}

/**
 * Warns where a call took the session's spending, or its run's, past a part of the limit.
 * @param run as it was before the call
 */
export async function warnOfBudget(
  writer: SessionWriter,
  run: Doc<"runs"> | null | undefined,
  { costMicroUsd }: Pick<Spent, "costMicroUsd">,
): Promise<void> {
  const { totalCostMicroUsd: total } = await writer.totals();
  const limits = [
    { scope: "session", before: total - costMicroUsd, limit: writer.session.budgetCapMicroUsd },
    { scope: "run", before: run?.totalCostMicroUsd ?? 0, limit: run?.maxCostMicroUsd },
  ] as const;
  for (const { scope, before, limit } of limits) {
    const step = budgetStep(before, before + costMicroUsd, limit);
    if (step === null || limit === undefined) continue;
    await writer.append({
      type: "budget.warning",
      source: SOURCE,
      ...(run && { runId: run._id }),
      payload: {
        scope,
        threshold_percent: step,
        spent_micro_usd: before + costMicroUsd,
        limit_micro_usd: limit,
      },
    });
    await notifyBudget(writer, run, { scope, percent: step });
  }
}

/** Logs what Studio itself tells a run's agent, beside what people have written; white space alone is nothing. */
export async function toldAgent(writer: SessionWriter, runId: Id<"runs">, text: string): Promise<void> {
  const content = text.trim();
  if (content === "") return;
  await writer.append({
    type: "message.system",
    source: "studio.runs",
    runId,
    payload: { content, level: "info" },
  });
}
