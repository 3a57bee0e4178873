import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { directChatBody, directChatResponse } from "#contracts/chat.ts";
import type { Principal } from "#domain/principal.ts";
import { asHttpError, problemOf } from "../http/error.ts";
import { framed } from "../stream/frame.ts";
import { chosenModel, wantedModel } from "../sessions/create.ts";
import { type Completed, complete, completed } from "./complete.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Body = z.output<typeof directChatBody>;
type Answer = z.infer<typeof directChatResponse>;

const toAnswer = ({ content, model, provider, stopReason, usage, costMicroUsd }: Completed): Answer => ({
  content,
  model,
  provider,
  stop_reason: stopReason,
  usage: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens },
  cost_usd: costMicroUsd === null ? null : costMicroUsd / 1_000_000,
});

/** The answer as server-sent events. What is refused before the first word is refused as any request. */
async function streamed(pieces: AsyncGenerator<string, Completed>, path: string): Promise<Response> {
  const encoder = new TextEncoder();
  const first = await pieces.next();
  let next: typeof first | null = first;
  let index = 0;
  const body = new ReadableStream<Uint8Array>({
    // One piece for each that is taken: what the caller doesn't read isn't asked for.
    async pull(controller) {
      const send = (name: string, data: unknown) =>
        controller.enqueue(encoder.encode(framed(index, name, data)));
      try {
        const now = next ?? (await pieces.next());
        next = null;
        if (now.done) {
          send("llm.response.completed", toAnswer(now.value));
          controller.close();
          return;
        }
        send("llm.response.chunk", { delta: now.value, chunk_index: index });
        index += 1;
      } catch (error) {
        const requestId = randomUUID();
        send("error", problemOf(asHttpError(error, requestId), path, requestId));
        controller.close();
      }
    },
    async cancel() {
      await pieces.return(undefined as never);
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
    },
  });
}

/**
 * Asks a model once, for a person or a key; nothing is kept but what it has cost.
 * @throws HttpError unknown_provider | unknown_model | no_key | what `complete` throws
 */
export async function chatDirect(
  caller: Caller,
  { message, history = [], agent_config: config = {}, max_cost_usd: maxCost, stream }: Body,
  request: Request,
): Promise<Answer | Response> {
  const { provider, model, keySource } = await chosenModel(caller, await wantedModel(caller, config));
  const asked = {
    by: {
      caller,
      purpose: "chat" as const,
      ...(maxCost !== undefined && { capMicroUsd: Math.floor(maxCost * 1_000_000) }),
    },
    provider,
    model,
    keySource,
    system: config.system_prompt,
    messages: [...history, { role: "user" as const, content: message }],
    temperature: config.temperature,
    maxOutputTokens: config.max_tokens,
    signal: request.signal,
  };
  if (stream) return await streamed(complete(asked), new URL(request.url).pathname);
  return toAnswer(await completed(asked));
}
