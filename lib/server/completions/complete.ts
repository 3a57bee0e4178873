/** This folder has models called for people, without an agent: through the gateway, as the agents' calls are. */

import { streamText } from "ai";
import type { Id } from "#convex/_generated/dataModel.js";
import type { KeySource, TokenUsage } from "#domain/catalog.ts";
import { COMPLETION_LIMITS } from "#domain/completions.ts";
import { causesOf } from "#net/transport.ts";
import { passOn } from "../gateway/gateway.ts";
import type { GatewayCaller, MadeBy, Spent } from "../gateway/tokens.ts";
import { targetOf } from "../gateway/wire.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { log } from "../log.ts";
import { type Upstream, upstreamOf } from "../keys/upstream.ts";
import { languageModelOf } from "./language-model.ts";
import { refusalIn } from "./refusals.ts";

// What a model does not take is left out without a word on the console.
Reflect.set(globalThis, "AI_SDK_LOG_WARNINGS", false);

/** What a person has a model asked. */
export interface Asked {
  by: Omit<MadeBy, "onRecorded">;
  /** As `chosenModel` has found them, or as a session has them. */
  provider: string;
  model: string;
  keySource: KeySource;
  /** The session whose cap it counts against, and whose log tells of it. */
  sessionId?: Id<"sandboxSessions">;
  system?: string | undefined;
  messages: readonly { role: "user" | "assistant"; content: string }[];
  temperature?: number | undefined;
  maxOutputTokens?: number | undefined;
  /** Ends the call where who asked has gone away. */
  signal: AbortSignal;
}

/** What has come of it. */
export interface Completed {
  content: string;
  provider: string;
  model: string;
  /** Why the model stopped: `stop`, `length`, `content-filter`, or another word of the AI SDK's. */
  stopReason: string;
  usage: TokenUsage;
  /** Null where nobody has set a price. */
  costMicroUsd: number | null;
}

function checkSize({ system = "", messages }: Asked): void {
  const { maxPromptBytes: maxBytes } = COMPLETION_LIMITS;
  const sizes = [system, ...messages.map(({ content }) => content)].map((text) => Buffer.byteLength(text));
  if (sizes.reduce((sum, size) => sum + size, 0) > maxBytes)
    throw refuse("completion_too_long", { maxBytes });
}

/** A way to call the gateway in this process, which remembers why a call was refused. */
function passage(caller: GatewayCaller, upstream: Upstream) {
  const state: { failure?: unknown } = {};
  const pass: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    // The body is known: so many bytes count, and not the most that there could be.
    const { body } = init ?? {};
    if (typeof body === "string") request.headers.set("content-length", String(Buffer.byteLength(body)));
    const target = targetOf(new URL(request.url).pathname.slice(1).split("/"));
    if (!target) throw new Error(`The gateway has no ${request.url}.`);
    try {
      const response = await passOn(caller, upstream, target, request);
      if (!response.ok) state.failure = await refusalIn(response, caller, upstream);
      // As with a connection, who has left reads no more, while the gateway still counts what comes.
      const body = response.body?.pipeThrough(new TransformStream(), { signal: request.signal });
      return new Response(body ?? null, { status: response.status, headers: response.headers });
    } catch (error) {
      state.failure = error;
      throw error;
    }
  };
  return { pass, state };
}

/**
 * Has a model write something for a person or their key: with the organization's key or platform credits, held, counted
 * and bounded as an agent's calls are. Yields what it writes, piece by piece, and returns the whole.
 * @throws HttpError no_key | no_credits | limit_reached | forbidden | rate_limited | upstream_failed | too_large | invalid_request
 */
export async function* complete(asked: Asked): AsyncGenerator<string, Completed> {
  checkSize(asked);
  const { by, provider, model, keySource, sessionId } = asked;
  const { organizationId } = by.caller;
  const upstream = await upstreamOf({ provider, model, keySource, organizationId });
  if (!upstream) throw refuse("completion_model_gone", { provider });
  const spent: { value: Spent | null } = { value: null };
  const caller: GatewayCaller = {
    organizationId: organizationId as Id<"organizations">,
    sessionId,
    provider,
    model,
    keySource,
    by: {
      ...by,
      onRecorded: (value) => {
        spent.value = value;
      },
    },
  };
  const { pass, state } = passage(caller, upstream);
  const deadline = AbortSignal.timeout(COMPLETION_LIMITS.deadlineMs);
  const over = new AbortController();
  const abortSignal = AbortSignal.any([asked.signal, deadline, over.signal]);
  const { name } = upstream;
  let content = "";
  let stopReason = "";
  try {
    const { fullStream } = streamText({
      model: languageModelOf(upstream, pass),
      ...(asked.system !== undefined && asked.system !== "" && { system: asked.system }),
      messages: [...asked.messages],
      ...(asked.temperature !== undefined && { temperature: asked.temperature }),
      ...(asked.maxOutputTokens !== undefined && { maxOutputTokens: asked.maxOutputTokens }),
      // Who asked decides whether to ask again.
      maxRetries: 0,
      abortSignal,
      providerOptions: { openai: { store: false } },
      onError: () => undefined,
    });
    for await (const part of fullStream) {
      if (part.type === "text-delta") {
        content += part.text;
        if (content.length > COMPLETION_LIMITS.maxTextChars)
          throw refuse("completion_broken", { provider: name });
        yield part.text;
      } else if (part.type === "error")
        throw state.failure ?? refuse("completion_broken", { provider: name });
      else if (part.type === "abort") abortSignal.throwIfAborted();
      else if (part.type === "finish") stopReason = part.finishReason;
    }
  } catch (error) {
    if (deadline.aborted)
      throw refuse("completion_late", { provider: name, seconds: COMPLETION_LIMITS.deadlineMs / 1_000 });
    if (state.failure ?? asked.signal.aborted) throw state.failure ?? error;
    if (!(error instanceof HttpError))
      log("warn", "a person's model call broke off", { provider, error: causesOf(error) });
    throw error instanceof HttpError ? error : refuse("completion_broken", { provider: name });
  } finally {
    over.abort();
  }
  const empty: TokenUsage = { inputTokens: 0, cachedTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
  const { usage = empty, costMicroUsd = null } = spent.value ?? {};
  return { content, provider, model, stopReason, usage, costMicroUsd };
}

/** The same at once. */
export async function completed(asked: Asked): Promise<Completed> {
  const pieces = complete(asked);
  for (;;) {
    const next = await pieces.next();
    if (next.done) return next.value;
  }
}
