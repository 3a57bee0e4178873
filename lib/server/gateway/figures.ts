import { z } from "zod";
import type { TokenUsage, WireFormat } from "#domain/catalog.ts";

/** What a provider said of one call, in so far as it has said it by now. */
export interface Figures {
  usage: TokenUsage | null;
  /** The counts of `usage` that the provider did not say, or not as a count: they stand as 0 there. */
  missing: { input: boolean; output: boolean };
  /** What the call cost by the provider's own word (OpenRouter), in dollars. */
  reportedCostUsd: number | null;
  /** That the answer broke off with an error, though it had begun well. */
  failure: { status: number; type: string } | null;
  /** True where the counts so far are those of the whole answer, so that nothing is lost where it breaks off behind them. */
  final: boolean;
  /** True where a part of the answer was too long to be looked into. */
  unread: boolean;
}

/** The figures of a call of which nothing was said yet. */
export const newFigures = (): Figures => ({
  usage: null,
  missing: { input: true, output: true },
  reportedCostUsd: null,
  failure: null,
  final: false,
  unread: false,
});

const MAX_COUNT = 1_000_000_000;
/** A count of tokens; null where it is absent, or not one. An odd field never discards those beside it. */
const count = z.number().int().min(0).max(MAX_COUNT).nullish().catch(null);
/** An object with such counts; null where it is anything else. */
const counts = <const Name extends string>(...names: Name[]) =>
  z
    .object(Object.fromEntries(names.map((name) => [name, count])) as Record<Name, typeof count>)
    .nullish()
    .catch(null);

/** A part of the input or the output, which is never more than the whole. */
const within = (part: number | null | undefined, whole: number) => Math.min(part ?? 0, whole);

const chatUsage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: counts("cached_tokens", "cache_write_tokens"),
  completion_tokens_details: counts("reasoning_tokens"),
  /** Moonshot's and DeepSeek's words for what was cached. */
  cached_tokens: count,
  prompt_cache_hit_tokens: count,
  cost: z.number().min(0).max(1_000_000).nullish().catch(null),
});
type ChatUsage = z.infer<typeof chatUsage>;
const anyUsage = chatUsage.nullish().catch(null);
const chat = z.object({
  usage: anyUsage,
  /** Groq's own place for it in a stream. */
  x_groq: z.object({ usage: anyUsage }).nullish().catch(null),
  choices: z
    // Moonshot counts in the last choice of a stream.
    .array(z.object({ finish_reason: z.string().nullish().catch(null), usage: anyUsage }).catch({}))
    .nullish()
    .catch(null),
});

const isNothing = (usage: ChatUsage): boolean => !usage.prompt_tokens && !usage.completion_tokens;

/**
 * Chat Completions: the last piece that carries `usage` counts, unless it is of zeros alone behind others. Its prompt
 * includes what was cached; where a provider counts that apart (more cached than prompt), or reasoning apart (xAI), its
 * own total shows it.
 */
function readChat(event: unknown, figures: Figures): void {
  const parsed = chat.safeParse(event);
  if (!parsed.success) return;
  const { choices } = parsed.data;
  const usage =
    parsed.data.usage ?? parsed.data.x_groq?.usage ?? choices?.flatMap((choice) => choice.usage ?? []).at(-1);
  if (!usage) return;
  if (typeof usage.cost === "number") figures.reportedCostUsd = usage.cost;
  // Some providers count in each piece; the whole stands behind the answer, or at its end.
  if (!choices?.length || choices.some(({ finish_reason: reason }) => reason)) figures.final = true;
  if (isNothing(usage) && figures.usage && figures.usage.inputTokens + figures.usage.outputTokens > 0) return;
  const prompt = usage.prompt_tokens ?? 0;
  const completion = usage.completion_tokens ?? 0;
  const cached =
    usage.prompt_tokens_details?.cached_tokens ?? usage.cached_tokens ?? usage.prompt_cache_hit_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  const input = cached > prompt ? prompt + cached : prompt;
  const apart = reasoning > 0 && usage.total_tokens === prompt + completion + reasoning;
  const output = completion + (apart ? reasoning : 0);
  figures.usage = {
    inputTokens: input,
    cachedTokens: cached,
    outputTokens: output,
    cacheWriteTokens: within(usage.prompt_tokens_details?.cache_write_tokens, input - cached),
    reasoningTokens: within(reasoning, output),
  };
  figures.missing = {
    input: (usage.prompt_tokens ?? null) === null,
    output: (usage.completion_tokens ?? null) === null,
  };
}

const responsesUsage = z.object({
  input_tokens: count,
  output_tokens: count,
  input_tokens_details: counts("cached_tokens", "cache_write_tokens"),
  output_tokens_details: counts("reasoning_tokens"),
});
const responseBody = z.object({ usage: responsesUsage });

/** Responses: the whole answer stands in `response.completed`, `incomplete` or `failed`, or is the body. */
function readResponses(event: unknown, figures: Figures): void {
  const { response = event } = event as { response?: unknown };
  const parsed = responseBody.safeParse(response);
  if (!parsed.success) return;
  const { usage } = parsed.data;
  const input = usage.input_tokens ?? 0;
  const output = usage.output_tokens ?? 0;
  const cached = within(usage.input_tokens_details?.cached_tokens, input);
  figures.usage = {
    inputTokens: input,
    cachedTokens: cached,
    outputTokens: output,
    cacheWriteTokens: within(usage.input_tokens_details?.cache_write_tokens, input - cached),
    reasoningTokens: within(usage.output_tokens_details?.reasoning_tokens, output),
  };
  figures.missing = {
    input: (usage.input_tokens ?? null) === null,
    output: (usage.output_tokens ?? null) === null,
  };
  figures.final = true;
}

const anthropicUsage = z.object({
  input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  cache_creation: counts("ephemeral_1h_input_tokens"),
  output_tokens: count,
});
const anthropicEvent = z.object({
  type: z.string().nullish().catch(null),
  message: z
    .object({ usage: anthropicUsage.nullish().catch(null) })
    .nullish()
    .catch(null),
  usage: anthropicUsage.nullish().catch(null),
});

/**
 * Anthropic: `message_start` has the input, which leaves out what was read from and written to the cache;
 * `message_delta` has the output so far, and repeats the input where it has changed.
 */
function readAnthropic(event: unknown, figures: Figures): void {
  const parsed = anthropicEvent.safeParse(event);
  const said = parsed.data?.usage ?? parsed.data?.message?.usage;
  if (!said) return;
  const { usage: before, missing } = figures;
  const earlier = {
    read: before?.cachedTokens ?? 0,
    short: before?.cacheWriteTokens ?? 0,
    long: before?.cacheWriteLongTokens ?? 0,
  };
  const earlierFresh = (before?.inputTokens ?? 0) - earlier.read - earlier.short - earlier.long;
  const read = said.cache_read_input_tokens ?? earlier.read;
  const written = said.cache_creation_input_tokens ?? earlier.short + earlier.long;
  // Where the lifetimes are not told apart, it was the shorter one, which is the default.
  const long = Math.min(written, said.cache_creation?.ephemeral_1h_input_tokens ?? earlier.long);
  // What a stream begins with is no count of its output yet.
  const isStart = parsed.data?.type === "message_start";
  figures.usage = {
    inputTokens: (said.input_tokens ?? earlierFresh) + read + written,
    cachedTokens: read,
    cacheWriteTokens: written - long,
    cacheWriteLongTokens: long,
    outputTokens: said.output_tokens ?? before?.outputTokens ?? 0,
  };
  figures.missing = {
    input: missing.input && (said.input_tokens ?? null) === null,
    output: missing.output && (isStart || (said.output_tokens ?? null) === null),
  };
  figures.final = !isStart;
}

const google = z.object({
  candidates: z
    .array(z.object({ finishReason: z.string().nullish().catch(null) }).catch({}))
    .nullish()
    .catch(null),
  usageMetadata: counts(
    "promptTokenCount",
    "cachedContentTokenCount",
    "toolUsePromptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "totalTokenCount",
  ),
});

/**
 * Google: the last `usageMetadata` counts. Its prompt includes what was cached, not what its own tools put in. A count
 * that is 0 is left out: then its total says whether it is missing.
 */
function readGoogle(event: unknown, figures: Figures): void {
  if (Array.isArray(event)) return event.forEach((piece) => readGoogle(piece, figures));
  const parsed = google.safeParse(event);
  if (!parsed.success) return;
  if (parsed.data.candidates?.some(({ finishReason }) => finishReason)) figures.final = true;
  const { usageMetadata: said } = parsed.data;
  if (!said) return;
  const input = (said.promptTokenCount ?? 0) + (said.toolUsePromptTokenCount ?? 0);
  const output = (said.candidatesTokenCount ?? 0) + (said.thoughtsTokenCount ?? 0);
  figures.usage = {
    inputTokens: input,
    cachedTokens: within(said.cachedContentTokenCount, input),
    outputTokens: output,
    reasoningTokens: said.thoughtsTokenCount ?? 0,
  };
  const whole = said.totalTokenCount === input + output;
  figures.missing = {
    input: !whole && (said.promptTokenCount ?? null) === null,
    output:
      !whole && (said.candidatesTokenCount ?? null) === null && (said.thoughtsTokenCount ?? null) === null,
  };
}

const errorBody = z.object({
  code: z.union([z.string(), z.number()]).nullish(),
  type: z.string().nullish(),
  status: z.string().nullish(),
});

const STATUS_OF = new Map([
  ["rate_limit_error", 429],
  ["rate_limit_exceeded", 429],
  ["overloaded_error", 529],
  ["authentication_error", 401],
  ["permission_error", 403],
  ["invalid_request_error", 400],
]);

/** An error inside an answer that began with 200: each format's `error`, and the one of a failed response. */
function readFailure(event: unknown, figures: Figures): void {
  const { error, response } = event as { error?: unknown; response?: { error?: unknown } | null };
  const isOwn = (event as { type?: unknown }).type === "error";
  const said = error ?? response?.error ?? (isOwn ? event : undefined);
  const parsed = errorBody.safeParse(typeof said === "string" && said !== "" ? {} : said);
  if (!parsed.success) return;
  const { code, type, status } = parsed.data;
  const words = typeof code === "string" ? code : (type ?? status ?? "error");
  figures.failure = {
    status: typeof code === "number" && code >= 400 && code < 600 ? code : (STATUS_OF.get(words) ?? 502),
    type: words.replaceAll(/[^\w.-]/g, "").slice(0, 60) || "error",
  };
}

const READERS: Record<WireFormat, (event: unknown, figures: Figures) => void> = {
  "openai-chat": readChat,
  "openai-responses": readResponses,
  anthropic: readAnthropic,
  google: readGoogle,
};

/** What must stand in a piece of an answer that says something of interest: cheaper to look for than to parse. */
export const TELLING = /"usage|"error"/;

/** Reads one piece of an answer, as JSON, into the figures. */
export function readFigures(format: WireFormat, event: unknown, figures: Figures): void {
  if (typeof event !== "object" || event === null) return;
  READERS[format](event, figures);
  readFailure(event, figures);
}
