import type { Message } from "../conversation.ts";
import { conversationOf } from "../conversation.ts";
import type { JsonObject } from "../json.ts";
import { RequestError, argumentsOf, objectsAt, sizeOf, someObjectsAt, stringAt, textsAt } from "../json.ts";
import type { IssuedCall } from "../perform.ts";
import { openAiError } from "./chat.ts";
import type { Format, Heading } from "./format.ts";
import { argumentChunks, sse } from "./format.ts";

const isInstruction = (item: JsonObject) => item.role === "system" || item.role === "developer";

/** One input item as a message, or nothing for the kinds that carry no text (reasoning, references). */
function parseItem(item: JsonObject, place: string): Message[] {
  if (item.type === "function_call_output") {
    const text = textsAt(item.output, `${place}.output`).join("\n");
    return [
      {
        role: "user",
        texts: [],
        results: [{ text, failed: item.status === "incomplete" }],
        size: text.length,
      },
    ];
  }
  if (item.type === "function_call") {
    const size = sizeOf([item.name, item.arguments].filter((text) => typeof text === "string"));
    return [{ role: "assistant", texts: [], results: [], size }];
  }
  if (item.type !== undefined && item.type !== "message") return [];
  const role = stringAt(item.role, `${place}.role`);
  if (role !== "user" && role !== "assistant")
    throw new RequestError(400, `${place}.role "${role}" is not known.`);
  const texts = textsAt(item.content, `${place}.content`);
  return [{ role, texts, results: [], size: sizeOf(texts) }];
}

const textPart = (text: string) => ({ type: "output_text", text, annotations: [], logprobs: [] });

function messageItem(heading: Heading, text: string | undefined) {
  return {
    id: `msg_${heading.id}`,
    type: "message",
    role: "assistant",
    status: text === undefined ? "in_progress" : "completed",
    content: text === undefined ? [] : [textPart(text)],
  };
}

function callItem(call: IssuedCall, status: "in_progress" | "completed") {
  return {
    id: `fc_${call.id}`,
    type: "function_call",
    status,
    call_id: `call_${call.id}`,
    name: call.name,
    arguments: status === "completed" ? JSON.stringify(call.args) : "",
  };
}

function responseBody({ id, createdSeconds, request, usage }: Heading, status: string, output: unknown[]) {
  const figures = {
    input_tokens: usage.prompt,
    input_tokens_details: { cached_tokens: usage.cached },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.prompt + usage.output,
  };
  return {
    id: `resp_${id}`,
    object: "response",
    created_at: createdSeconds,
    status,
    error: null,
    incomplete_details: null,
    model: request.model,
    output,
    parallel_tool_calls: false,
    store: false,
    usage: status === "completed" ? figures : null,
  };
}

/** OpenAI Responses: https://platform.openai.com/docs/api-reference/responses-streaming */
export const responses: Format = {
  parse(body) {
    if (typeof body.previous_response_id === "string") {
      throw new RequestError(
        400,
        "previous_response_id is not supported: the demo model stores no responses.",
      );
    }
    const items: JsonObject[] =
      typeof body.input === "string"
        ? [{ role: "user", content: body.input }]
        : someObjectsAt(body.input, "input");
    const instructions = typeof body.instructions === "string" ? [body.instructions] : [];
    const tools = objectsAt(body.tools, "tools").flatMap((tool, index) => {
      if (tool.type !== "function") return [];
      return [{ name: stringAt(tool.name, `tools[${index}].name`), ...argumentsOf(tool.parameters) }];
    });
    return {
      model: stringAt(body.model, "model"),
      isStreaming: body.stream === true,
      wantsUsage: true,
      marksCache: false,
      conversationKey: typeof body.prompt_cache_key === "string" ? body.prompt_cache_key : "",
      conversation: conversationOf({
        system: [
          ...instructions,
          ...items.filter(isInstruction).flatMap((item) => textsAt(item.content, "input.content")),
        ].join("\n"),
        messages: items.flatMap((item, index) =>
          isInstruction(item) ? [] : parseItem(item, `input[${index}]`),
        ),
        tools,
        toolsSize: JSON.stringify(body.tools ?? "").length,
      }),
    };
  },
  encoder(heading) {
    const output: unknown[] = [];
    let sequence = 0;
    let text: string | undefined;
    let thought: string | undefined;
    const emit = (type: string, fields: JsonObject) => {
      const data = sse({ type, sequence_number: sequence, ...fields }, type);
      sequence += 1;
      return data;
    };
    const inText = () => ({ item_id: `msg_${heading.id}`, output_index: output.length, content_index: 0 });
    const inThought = () => ({ item_id: `rs_${heading.id}`, output_index: output.length, summary_index: 0 });
    const closeThought = () => {
      if (thought === undefined) return "";
      const part = { type: "summary_text", text: thought };
      const item = { id: `rs_${heading.id}`, type: "reasoning", summary: [part] };
      const closed = [
        emit("response.reasoning_summary_text.done", { ...inThought(), text: thought }),
        emit("response.reasoning_summary_part.done", { ...inThought(), part }),
        emit("response.output_item.done", { output_index: output.length, item }),
      ];
      output.push(item);
      thought = undefined;
      return closed.join("");
    };
    const closeText = () => {
      if (text === undefined) return closeThought();
      const item = messageItem(heading, text);
      const closed = [
        emit("response.output_text.done", { ...inText(), text, logprobs: [] }),
        emit("response.content_part.done", { ...inText(), part: textPart(text) }),
        emit("response.output_item.done", { output_index: output.length, item }),
      ];
      output.push(item);
      text = undefined;
      return closed.join("");
    };
    return {
      start: () => {
        const response = responseBody(heading, "in_progress", []);
        return emit("response.created", { response }) + emit("response.in_progress", { response });
      },
      thinking(part) {
        let opening = text === undefined ? "" : closeText();
        if (thought === undefined) {
          const item = { id: `rs_${heading.id}`, type: "reasoning", summary: [] };
          opening += emit("response.output_item.added", { output_index: output.length, item });
          opening += emit("response.reasoning_summary_part.added", {
            ...inThought(),
            part: { type: "summary_text", text: "" },
          });
        }
        thought = (thought ?? "") + part;
        return opening + emit("response.reasoning_summary_text.delta", { ...inThought(), delta: part });
      },
      text(part) {
        let opening = closeThought();
        if (text === undefined) {
          opening += emit("response.output_item.added", {
            output_index: output.length,
            item: messageItem(heading, undefined),
          });
          opening += emit("response.content_part.added", { ...inText(), part: textPart("") });
        }
        text = (text ?? "") + part;
        return opening + emit("response.output_text.delta", { ...inText(), delta: part, logprobs: [] });
      },
      call(call) {
        const before = closeText();
        const place = { item_id: `fc_${call.id}`, output_index: output.length };
        const item = callItem(call, "completed");
        const events = [
          emit("response.output_item.added", {
            output_index: output.length,
            item: callItem(call, "in_progress"),
          }),
          ...argumentChunks(call).map((delta) =>
            emit("response.function_call_arguments.delta", { ...place, delta }),
          ),
          emit("response.function_call_arguments.done", {
            ...place,
            name: call.name,
            arguments: item.arguments,
          }),
          emit("response.output_item.done", { output_index: output.length, item }),
        ];
        output.push(item);
        return before + events.join("");
      },
      end: () =>
        closeText() + emit("response.completed", { response: responseBody(heading, "completed", output) }),
    };
  },
  whole(heading, text, calls) {
    const message = text === "" ? [] : [messageItem(heading, text)];
    return responseBody(heading, "completed", [
      ...message,
      ...calls.map((call) => callItem(call, "completed")),
    ]);
  },
  error: openAiError,
};
