import type { Message, ToolResult } from "../conversation.ts";
import { conversationOf } from "../conversation.ts";
import type { JsonObject } from "../json.ts";
import { RequestError, argumentsOf, objectsAt, sizeOf, someObjectsAt, stringAt, textsAt } from "../json.ts";
import type { Usage } from "../perform.ts";
import type { Format, Heading } from "./format.ts";
import { argumentChunks, sse } from "./format.ts";

const ERROR_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};

/** Tokens after the last cache mark, which Anthropic bills as plain input. */
const UNCACHED_TAIL_TOKENS = 4;

function parseMessage(message: JsonObject, place: string): Message {
  const role = stringAt(message.role, `${place}.role`);
  if (role !== "user" && role !== "assistant")
    throw new RequestError(400, `${place}.role "${role}" is not known.`);
  const content = message.content;
  const blocks =
    typeof content === "string"
      ? [{ type: "text", text: content }]
      : someObjectsAt(content, `${place}.content`);
  const texts = textsAt(
    blocks.filter((block) => block.type === "text"),
    `${place}.content`,
  );
  const results = blocks
    .filter((block) => block.type === "tool_result")
    .map((block): ToolResult => ({
      text: textsAt("content" in block ? block.content : "", `${place}.content`).join("\n"),
      failed: "is_error" in block && block.is_error === true,
    }));
  const calls = blocks.filter((block) => block.type === "tool_use").map((block) => JSON.stringify(block));
  return {
    role,
    texts,
    results,
    size: sizeOf([...texts, ...results.map((result) => result.text), ...calls]),
  };
}

/** Anthropic's input leaves out what was read from and written to the cache; both come beside it. */
function inputUsage(usage: Usage, marksCache: boolean) {
  const fresh = usage.prompt - (marksCache ? usage.cached : 0);
  const plain = marksCache ? Math.min(fresh, UNCACHED_TAIL_TOKENS) : fresh;
  return {
    input_tokens: plain,
    cache_read_input_tokens: marksCache ? usage.cached : 0,
    cache_creation_input_tokens: fresh - plain,
  };
}

function messageHead(
  { id, request, usage }: Heading,
  content: unknown[],
  stopReason: string | null,
  output: number,
) {
  return {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model: request.model,
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    usage: { ...inputUsage(usage, request.marksCache), output_tokens: output },
  };
}

/** Clients send it back with the thinking, and do not look into it. */
const SIGNATURE = Buffer.from("studio demo model").toString("base64");

const emit = (type: string, fields: JsonObject) => sse({ type, ...fields }, type);

/** Anthropic Messages: https://docs.anthropic.com/en/docs/build-with-claude/streaming */
export const anthropic: Format = {
  parse(body) {
    const messages = someObjectsAt(body.messages, "messages");
    const metadata = typeof body.metadata === "object" ? JSON.stringify(body.metadata) : "";
    const tools = objectsAt(body.tools, "tools").map((tool, index) => ({
      name: stringAt(tool.name, `tools[${index}].name`),
      ...argumentsOf(tool.input_schema),
    }));
    if (typeof body.max_tokens !== "number" || body.max_tokens < 1) {
      throw new RequestError(400, "max_tokens must be a positive number.");
    }
    return {
      model: stringAt(body.model, "model"),
      isStreaming: body.stream === true,
      wantsUsage: true,
      marksCache: JSON.stringify([body.system, body.tools, body.messages]).includes('"cache_control":{'),
      conversationKey: metadata,
      conversation: conversationOf({
        system: textsAt(body.system, "system").join("\n"),
        messages: messages.map((message, index) => parseMessage(message, `messages[${index}]`)),
        tools,
        toolsSize: JSON.stringify(body.tools ?? "").length,
      }),
    };
  },
  encoder(heading) {
    let block = -1;
    let opened: "text" | "thinking" | undefined;
    let stopReason = "end_turn";
    const open = (content: JsonObject) => {
      block += 1;
      return emit("content_block_start", { index: block, content_block: content });
    };
    const close = () => {
      if (opened === undefined) return "";
      const delta = { type: "signature_delta", signature: SIGNATURE };
      const signed = opened === "thinking" ? emit("content_block_delta", { index: block, delta }) : "";
      opened = undefined;
      return signed + emit("content_block_stop", { index: block });
    };
    /** Goes on with the block of that kind, or begins one. */
    const within = (kind: "text" | "thinking", fields: JsonObject) => {
      if (opened === kind) return "";
      const before = close();
      opened = kind;
      return before + open({ type: kind, ...fields });
    };
    return {
      start: () => emit("message_start", { message: messageHead(heading, [], null, 1) }) + emit("ping", {}),
      text: (text) =>
        within("text", { text: "" }) +
        emit("content_block_delta", { index: block, delta: { type: "text_delta", text } }),
      thinking: (thinking) =>
        within("thinking", { thinking: "", signature: "" }) +
        emit("content_block_delta", { index: block, delta: { type: "thinking_delta", thinking } }),
      call(call) {
        stopReason = "tool_use";
        const before =
          close() + open({ type: "tool_use", id: `toolu_${call.id}`, name: call.name, input: {} });
        const parts = argumentChunks(call).map((part) =>
          emit("content_block_delta", {
            index: block,
            delta: { type: "input_json_delta", partial_json: part },
          }),
        );
        return before + parts.join("") + emit("content_block_stop", { index: block });
      },
      end() {
        const delta = { stop_reason: stopReason, stop_sequence: null };
        const usage = { output_tokens: heading.usage.output };
        return close() + emit("message_delta", { delta, usage }) + emit("message_stop", {});
      },
    };
  },
  whole(heading, text, calls) {
    const content = [
      ...(text === "" ? [] : [{ type: "text", text }]),
      ...calls.map((call) => ({
        type: "tool_use",
        id: `toolu_${call.id}`,
        name: call.name,
        input: call.args,
      })),
    ];
    return messageHead(heading, content, calls.length > 0 ? "tool_use" : "end_turn", heading.usage.output);
  },
  error(status, message) {
    const type = ERROR_TYPES[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
    return { type: "error", error: { type, message } };
  },
};
