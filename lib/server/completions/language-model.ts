import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModel } from "ai";
import type { Upstream } from "../keys/upstream.ts";

/** Names no host: every request goes to the `fetch` that is given. */
const BASE = "http://gateway.invalid";
/** The gateway puts the real one in. */
const apiKey = "gateway";

/**
 * A model in the form that its upstream speaks, by the packages that OpenCode uses, too: so the gateway knows all that
 * they send. OpenAI's own have no other form for some of its models than Responses.
 * @param pass makes the call
 */
export function languageModelOf(upstream: Upstream, pass: typeof fetch): LanguageModel {
  const { endpoints, modelId, route } = upstream;
  const given = { apiKey, fetch: pass };
  if (endpoints["openai-responses"] !== undefined && route === "openai")
    return createOpenAI({ ...given, baseURL: `${BASE}/v1` }).responses(modelId);
  if (endpoints["openai-chat"] !== undefined)
    return createOpenAICompatible({ ...given, baseURL: `${BASE}/v1`, name: route, includeUsage: true })(
      modelId,
    );
  if (endpoints.anthropic !== undefined) return createAnthropic({ ...given, baseURL: `${BASE}/v1` })(modelId);
  return createGoogleGenerativeAI({ ...given, baseURL: `${BASE}/v1beta` })(modelId);
}
