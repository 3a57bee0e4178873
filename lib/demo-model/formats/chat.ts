import type { Message } from "../conversation.ts";
import { conversationOf } from "../conversation.ts";
import type { JsonObject } from "../json.ts";
import { argumentsOf, objectAt, objectsAt, sizeOf, someObjectsAt, stringAt, textsAt } from "../json.ts";
import { RequestError } from "../json.ts";
import type { IssuedCall } from "../perform.ts";
import type { Format, Heading } from "./format.ts";
import { argumentChunks, sse } from "./format.ts";

const ERROR_TYPES: Record<number, string> = {
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
};
const ERROR_CODES: Record<number, string> = { 401: "invalid_api_key", 429: "rate_limit_exceeded" };

/** OpenAI's error body, for Chat Completions and Responses alike. */
export function openAiError(status: number, message: string): unknown {
  const type = ERROR_TYPES[status] ?? (status >= 500 ? "server_error" : "invalid_request_error");
  return { error: { message, type, param: null, code: ERROR_CODES[status] ?? null } };
}

function callsSize(calls: JsonObject[]): number {
  return calls.reduce((sum, call) => sum + JSON.stringify(call.function ?? "").length, 0);
}

function parseMessage(message: JsonObject, place: string): Message {
  const role = stringAt(message.role, `${place}.role`);
  const texts = textsAt(message.content, `${place}.content`);
  if (role === "user") return { role, texts, results: [], size: sizeOf(texts) };
  if (role === "tool" || role === "function") {
    return {
      role: "user",
      texts: [],
      results: [{ text: texts.join("\n"), failed: false }],
      size: sizeOf(texts),
    };
  }
  if (role !== "assistant") throw new RequestError(400, `${place}.role "${role}" is not known.`);
  const calls = objectsAt(message.tool_calls, `${place}.tool_calls`);
  return { role, texts, results: [], size: sizeOf(texts) + callsSize(calls) };
}

function usageOf({ usage }: Heading) {
  return {
    prompt_tokens: usage.prompt,
    completion_tokens: usage.output,
    total_tokens: usage.prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

const headOf = (heading: Heading, object: string) => ({
  id: `chatcmpl-${heading.id}`,
  object,
  created: heading.createdSeconds,
  model: heading.request.model,
});

const isInstruction = (message: JsonObject) => message.role === "system" || message.role === "developer";

/** OpenAI Chat Completions: https://platform.openai.com/docs/api-reference/chat */
export const chat: Format = {
  parse(body) {
    const messages = someObjectsAt(body.messages, "messages");
    const tools = objectsAt(body.tools, "tools").flatMap((tool, index) => {
      if (tool.type !== undefined && tool.type !== "function") return [];
      const definition = objectAt(tool.function, `tools[${index}].function`);
      const name = stringAt(definition.name, `tools[${index}].function.name`);
      return [{ name, ...argumentsOf(definition.parameters) }];
    });
    const options =
      body.stream_options === undefined ? {} : objectAt(body.stream_options ?? {}, "stream_options");
    return {
      model: stringAt(body.model, "model"),
      isStreaming: body.stream === true,
      wantsUsage: options.include_usage === true,
      marksCache: false,
      conversationKey: typeof body.prompt_cache_key === "string" ? body.prompt_cache_key : "",
      conversation: conversationOf({
        system: messages
          .filter(isInstruction)
          .flatMap((m) => textsAt(m.content, "messages.content"))
          .join("\n"),
        messages: messages.flatMap((m, index) =>
          isInstruction(m) ? [] : [parseMessage(m, `messages[${index}]`)],
        ),
        tools,
        toolsSize: JSON.stringify(body.tools ?? "").length,
      }),
    };
  },
  encoder(heading) {
    let called = 0;
    const head = headOf(heading, "chat.completion.chunk");
    const usage = heading.request.wantsUsage ? { usage: null } : {};
    const chunk = (delta: JsonObject, finish: string | null = null) =>
      sse({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...usage });
    return {
      start: () => chunk({ role: "assistant", content: "" }),
      text: (text) => chunk({ content: text }),
      // Not OpenAI's own, but what the compatible servers with reasoning models send.
      thinking: (text) => chunk({ reasoning_content: text }),
      call(call) {
        const index = called;
        called += 1;
        const opening = {
          index,
          id: `call_${call.id}`,
          type: "function",
          function: { name: call.name, arguments: "" },
        };
        const rest = argumentChunks(call).map((part) =>
          chunk({ tool_calls: [{ index, function: { arguments: part } }] }),
        );
        return [chunk({ tool_calls: [opening] }), ...rest].join("");
      },
      end() {
        const finish = chunk({}, called > 0 ? "tool_calls" : "stop");
        const counted = heading.request.wantsUsage
          ? sse({ ...head, choices: [], usage: usageOf(heading) })
          : "";
        return `${finish}${counted}data: [DONE]\n\n`;
      },
    };
  },
  whole(heading, text, calls: IssuedCall[]) {
    const toolCalls = calls.map((call) => ({
      id: `call_${call.id}`,
      type: "function",
      function: { name: call.name, arguments: JSON.stringify(call.args) },
    }));
    const message = {
      role: "assistant",
      content: text === "" ? null : text,
      refusal: null,
      ...(calls.length > 0 ? { tool_calls: toolCalls } : {}),
    };
    return {
      ...headOf(heading, "chat.completion"),
      choices: [
        { index: 0, message, logprobs: null, finish_reason: calls.length > 0 ? "tool_calls" : "stop" },
      ],
      usage: usageOf(heading),
    };
  },
  error: openAiError,
};
