import { z } from "zod";
import type { TokenUsage, WireFormat } from "../../domain/catalog.ts";

/** What a provider said of one call, in so far as it has said it by now. */
export interface Figures {
  usage: TokenUsage | null;
  /** What the call cost by the provider's own word (OpenRouter). */
  reportedCostMicroUsd: number | null;
  /** That the answer broke off with an error, though it had begun well. */
  failure: { status: number; type: string } | null;
}

const MAX_COUNT = 1_000_000_000;
/** A count of tokens; whatever is not one counts as none. */
const count = z
  .number()
  .int()
  .min(0)
  .max(MAX_COUNT)
  .nullish()
  .catch(0)
  .transform((n) => n ?? 0);

const chat = z.object({
  usage: z.object({
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
    prompt_tokens_details: z.object({ cached_tokens: count, cache_write_tokens: count }).nullish(),
    completion_tokens_details: z.object({ reasoning_tokens: count }).nullish(),
    cost: z.number().min(0).max(1_000_000).nullish(),
  }),
});

/** Dollars as micro-USD, rounded up, but not for the dust that a float leaves behind. */
const microUsd = (dollars: number) => Math.ceil(Number((dollars * 1_000_000).toFixed(3)));

/**
 * Chat Completions: the last piece that carries `usage` counts. Its prompt includes what was cached; where a provider
 * counts that apart (more cached than prompt), or reasoning apart (xAI), its own total shows it.
 */
function readChat(event: unknown, figures: Figures): void {
  const parsed = chat.safeParse(event);
  if (!parsed.success) return;
  const { usage } = parsed.data;
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  const input = cached > usage.prompt_tokens ? usage.prompt_tokens + cached : usage.prompt_tokens;
  const apart =
    reasoning > 0 && usage.total_tokens === usage.prompt_tokens + usage.completion_tokens + reasoning;
  figures.usage = {
    inputTokens: input,
    cachedTokens: cached,
    outputTokens: usage.completion_tokens + (apart ? reasoning : 0),
    cacheWriteTokens: usage.prompt_tokens_details?.cache_write_tokens ?? 0,
    reasoningTokens: reasoning,
  };
  if (typeof usage.cost === "number") figures.reportedCostMicroUsd = microUsd(usage.cost);
}

const responsesUsage = z.object({
  input_tokens: count,
  output_tokens: count,
  input_tokens_details: z.object({ cached_tokens: count, cache_write_tokens: count }).nullish(),
  output_tokens_details: z.object({ reasoning_tokens: count }).nullish(),
});
const responseBody = z.object({ usage: responsesUsage });

/** Responses: the whole answer stands in `response.completed`, `incomplete` or `failed`, or is the body. */
function readResponses(event: unknown, figures: Figures): void {
  const { response = event } = event as { response?: unknown };
  const parsed = responseBody.safeParse(response);
  if (!parsed.success) return;
  const { usage } = parsed.data;
  figures.usage = {
    inputTokens: usage.input_tokens,
    cachedTokens: usage.input_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage.output_tokens,
    cacheWriteTokens: usage.input_tokens_details?.cache_write_tokens ?? 0,
    reasoningTokens: usage.output_tokens_details?.reasoning_tokens ?? 0,
  };
}

/** A count that a later piece of the answer may leave out, so that the earlier one holds. */
const given = z.number().int().min(0).max(MAX_COUNT).nullish().catch(null);
const anthropicUsage = z.object({
  input_tokens: given,
  cache_read_input_tokens: given,
  cache_creation_input_tokens: given,
  cache_creation: z.object({ ephemeral_1h_input_tokens: given }).nullish().catch(null),
  output_tokens: given,
});
const anthropicEvent = z.object({
  message: z.object({ usage: anthropicUsage.nullish() }).nullish(),
  usage: anthropicUsage.nullish(),
});

/**
 * Anthropic: `message_start` has the input, which leaves out what was read from and written to the cache;
 * `message_delta` has the output so far, and repeats the input where it has changed.
 */
function readAnthropic(event: unknown, figures: Figures): void {
  const parsed = anthropicEvent.safeParse(event);
  const said = parsed.data?.usage ?? parsed.data?.message?.usage;
  if (!said) return;
  const { usage: before } = figures;
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
  figures.usage = {
    inputTokens: (said.input_tokens ?? earlierFresh) + read + written,
    cachedTokens: read,
    cacheWriteTokens: written - long,
    cacheWriteLongTokens: long,
    outputTokens: said.output_tokens ?? before?.outputTokens ?? 0,
  };
}

const google = z.object({
  usageMetadata: z.object({
    promptTokenCount: count,
    cachedContentTokenCount: count,
    toolUsePromptTokenCount: count,
    candidatesTokenCount: count,
    thoughtsTokenCount: count,
  }),
});

/** Google: the last `usageMetadata` counts. Its prompt includes what was cached, not what its own tools put in. */
function readGoogle(event: unknown, figures: Figures): void {
  if (Array.isArray(event)) return event.forEach((piece) => readGoogle(piece, figures));
  const parsed = google.safeParse(event);
  if (!parsed.success) return;
  const { usageMetadata: said } = parsed.data;
  figures.usage = {
    inputTokens: said.promptTokenCount + said.toolUsePromptTokenCount,
    cachedTokens: said.cachedContentTokenCount,
    outputTokens: said.candidatesTokenCount + said.thoughtsTokenCount,
    reasoningTokens: said.thoughtsTokenCount,
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
  const parsed = errorBody.safeParse(error ?? response?.error ?? (isOwn ? event : undefined));
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
