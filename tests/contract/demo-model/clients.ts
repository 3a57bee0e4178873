/** Minimal clients of the four formats: what each sends for a conversation, and how each reads an answer. */

type Json = Record<string, unknown>;

export interface Turn {
  role: "user" | "assistant" | "result";
  text: string;
  /** The call that an assistant's turn made, or that a result answers. */
  call?: { id: string; name: string; args: Json };
}

export interface Answer {
  text: string;
  calls: { id: string; name: string; args: Json }[];
  stop: string;
  /** `input` is what the format itself calls so: it includes cached tokens except for Anthropic. */
  usage: { input: number; cached: number; output: number };
}

export interface Client {
  path: (isStreaming: boolean) => string;
  body: (turns: Turn[], isStreaming: boolean) => Json;
  whole: (body: Json) => Answer;
  /** Reads an answer from its events, each `{event, data}`. */
  events: (events: { event: string | undefined; data: Json }[]) => Answer;
  errorMessage: (body: Json) => string;
  /** What the format calls a 429 and a 400. */
  errorNames: { 429: string; 400: string };
}

const PARAMETERS: Record<string, Json> = {
  write: { type: "object", properties: { filePath: {}, content: {} }, required: ["filePath", "content"] },
  bash: { type: "object", properties: { command: {}, description: {} }, required: ["command"] },
};
const tools = (make: (name: string, schema: Json) => Json) =>
  Object.entries(PARAMETERS).map(([name, schema]) => make(name, schema));
const openAiError = (body: Json) => (body as { error: { message: string } }).error.message;

interface ChatCall {
  index: number;
  id?: string;
  function: { name?: string; arguments: string };
}
interface ChatBody {
  choices: {
    message?: { content: string | null; tool_calls?: ChatCall[] };
    delta?: { content?: string; tool_calls?: ChatCall[] };
    finish_reason: string | null;
  }[];
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    prompt_tokens_details: { cached_tokens: number };
  } | null;
}
const chatUsage = (usage: NonNullable<ChatBody["usage"]>) => ({
  input: usage.prompt_tokens,
  cached: usage.prompt_tokens_details.cached_tokens,
  output: usage.completion_tokens,
});

const chat: Client = {
  path: () => "/v1/chat/completions",
  errorNames: { 429: "rate_limit_error", 400: "invalid_request_error" },
  errorMessage: openAiError,
  body: (turns, isStreaming) => ({
    model: "demo",
    stream: isStreaming,
    ...(isStreaming ? { stream_options: { include_usage: true } } : {}),
    messages: [
      { role: "system", content: "You are an agent." },
      ...turns.map(({ role, text, call }) => {
        if (role === "result") return { role: "tool", tool_call_id: call?.id, content: text };
        if (!call) return { role, content: text };
        const made = { name: call.name, arguments: JSON.stringify(call.args) };
        return { role, content: text, tool_calls: [{ id: call.id, type: "function", function: made }] };
      }),
    ],
    tools: tools((name, parameters) => ({ type: "function", function: { name, parameters } })),
  }),
  whole(body) {
    const { choices, usage } = body as unknown as ChatBody;
    const calls = (choices[0]?.message?.tool_calls ?? []).map((call) => ({
      id: call.id ?? "",
      name: call.function.name ?? "",
      args: JSON.parse(call.function.arguments) as Json,
    }));
    return {
      text: choices[0]?.message?.content ?? "",
      calls,
      stop: choices[0]?.finish_reason ?? "",
      usage: chatUsage(usage!),
    };
  },
  events(events) {
    const chunks = events.map(({ data }) => data as unknown as ChatBody);
    const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
    const parts = deltas.flatMap((delta) => delta?.tool_calls ?? []);
    const opened = parts.filter((part) => part.id !== undefined);
    const calls = opened.map(({ id = "", index, function: { name = "" } }) => {
      const args = parts.filter((part) => part.index === index).map((part) => part.function.arguments);
      return { id, name, args: JSON.parse(args.join("")) as Json };
    });
    return {
      text: deltas.map((delta) => delta?.content ?? "").join(""),
      calls,
      stop: chunks.map(({ choices }) => choices[0]?.finish_reason).find((reason) => reason) ?? "",
      usage: chatUsage(chunks.at(-1)!.usage!),
    };
  },
};

interface ResponseBody {
  status: string;
  output: (
    | { type: "message"; content: { text: string }[] }
    | { type: "function_call"; call_id: string; name: string; arguments: string }
  )[];
  usage: { input_tokens: number; output_tokens: number; input_tokens_details: { cached_tokens: number } };
}
const responses: Client = {
  path: () => "/v1/responses",
  errorNames: { 429: "rate_limit_error", 400: "invalid_request_error" },
  errorMessage: openAiError,
  body: (turns, isStreaming) => ({
    model: "demo",
    stream: isStreaming,
    instructions: "You are an agent.",
    input: turns.map(({ role, text, call }) => {
      if (role === "result") return { type: "function_call_output", call_id: call?.id, output: text };
      if (!call) return { role, content: [{ type: role === "user" ? "input_text" : "output_text", text }] };
      return {
        type: "function_call",
        call_id: call.id,
        name: call.name,
        arguments: JSON.stringify(call.args),
      };
    }),
    tools: tools((name, parameters) => ({ type: "function", name, parameters })),
  }),
  whole(body) {
    const { output, status, usage } = body as unknown as ResponseBody;
    return {
      text: output
        .map((item) => (item.type === "message" ? item.content.map((part) => part.text).join("") : ""))
        .join(""),
      calls: output.flatMap((item) =>
        item.type === "function_call"
          ? [{ id: item.call_id, name: item.name, args: JSON.parse(item.arguments) as Json }]
          : [],
      ),
      stop: status,
      usage: {
        input: usage.input_tokens,
        cached: usage.input_tokens_details.cached_tokens,
        output: usage.output_tokens,
      },
    };
  },
  events(events) {
    if (events.some(({ event, data }, index) => event !== data.type || data.sequence_number !== index)) {
      throw new Error("An event's name or number is wrong.");
    }
    const completed = responses.whole(events.at(-1)!.data.response as Json);
    const deltas = (type: string) =>
      events.filter(({ event }) => event === type).map(({ data }) => data.delta as string);
    const streamed = deltas("response.function_call_arguments.delta").join("");
    return {
      ...completed,
      text: deltas("response.output_text.delta").join(""),
      calls: completed.calls.map((call) => ({ ...call, args: JSON.parse(streamed) as Json })),
    };
  },
};

interface AnthropicBody {
  content: ({ type: "text"; text: string } | { type: "tool_use"; id: string; name: string; input: Json })[];
  stop_reason: string;
  usage: {
    input_tokens: number;
    cache_read_input_tokens: number;
    cache_creation_input_tokens: number;
    output_tokens: number;
  };
}
const anthropic: Client = {
  path: () => "/v1/messages",
  errorNames: { 429: "rate_limit_error", 400: "invalid_request_error" },
  errorMessage: openAiError,
  body: (turns, isStreaming) => ({
    model: "demo",
    max_tokens: 1000,
    stream: isStreaming,
    system: [{ type: "text", text: "You are an agent.", cache_control: { type: "ephemeral" } }],
    messages: turns.map(({ role, text, call }) => {
      if (role === "result")
        return { role: "user", content: [{ type: "tool_result", tool_use_id: call?.id, content: text }] };
      if (!call) return { role, content: text };
      return { role, content: [{ type: "tool_use", id: call.id, name: call.name, input: call.args }] };
    }),
    tools: tools((name, schema) => ({ name, input_schema: schema })),
  }),
  whole(body) {
    const { content, stop_reason: stop, usage } = body as unknown as AnthropicBody;
    return {
      text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
      calls: content.flatMap((block) =>
        block.type === "tool_use" ? [{ id: block.id, name: block.name, args: block.input }] : [],
      ),
      stop,
      usage: {
        input: usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens,
        cached: usage.cache_read_input_tokens,
        output: usage.output_tokens,
      },
    };
  },
  events(events) {
    const of = (type: string) => events.filter(({ event }) => event === type).map(({ data }) => data);
    const content = of("content_block_start").map((start) => {
      const deltas = of("content_block_delta")
        .filter(({ index }) => index === start.index)
        .map(({ delta }) => delta as { text?: string; partial_json?: string });
      const block = start.content_block as Json;
      if (block.type === "text") return { ...block, text: deltas.map(({ text }) => text).join("") };
      return { ...block, input: JSON.parse(deltas.map(({ partial_json: part }) => part).join("")) as Json };
    });
    const message = of("message_start")[0]?.message as { usage: Json };
    const last = of("message_delta")[0] as { delta: Json; usage: Json };
    return anthropic.whole({ content, ...last.delta, usage: { ...message.usage, ...last.usage } });
  },
};

interface GoogleBody {
  candidates: {
    content: { parts: { text?: string; functionCall?: { name: string; args: Json } }[] };
    finishReason?: string;
  }[];
  usageMetadata?: {
    promptTokenCount: number;
    candidatesTokenCount: number;
    cachedContentTokenCount?: number;
  };
}
const google: Client = {
  path: (isStreaming) =>
    `/v1beta/models/demo:${isStreaming ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  errorNames: { 429: "RESOURCE_EXHAUSTED", 400: "INVALID_ARGUMENT" },
  errorMessage: openAiError,
  body: (turns) => ({
    systemInstruction: { parts: [{ text: "You are an agent." }] },
    contents: turns.map(({ role, text, call }) => {
      if (role === "result") {
        return {
          role: "user",
          parts: [{ functionResponse: { name: call?.name, response: { content: text } } }],
        };
      }
      const part = call ? { functionCall: { name: call.name, args: call.args } } : { text };
      return { role: role === "user" ? "user" : "model", parts: [part] };
    }),
    tools: [{ functionDeclarations: tools((name, parameters) => ({ name, parameters })) }],
  }),
  whole: (body) => google.events([{ event: undefined, data: body }]),
  events(events) {
    const bodies = events.map(({ data }) => data as unknown as GoogleBody);
    const parts = bodies.flatMap(({ candidates }) => candidates.flatMap(({ content }) => content.parts));
    const usage = bodies.at(-1)!.usageMetadata!;
    return {
      text: parts.map(({ text }) => text ?? "").join(""),
      calls: parts.flatMap(({ functionCall }) => (functionCall ? [{ id: "", ...functionCall }] : [])),
      stop: bodies.at(-1)?.candidates[0]?.finishReason ?? "",
      usage: {
        input: usage.promptTokenCount,
        cached: usage.cachedContentTokenCount ?? 0,
        output: usage.candidatesTokenCount,
      },
    };
  },
};

export const clients: Record<string, Client> = { chat, responses, anthropic, google };
