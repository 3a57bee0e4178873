import type { Message, ToolResult } from "../conversation.ts";
import { conversationOf } from "../conversation.ts";
import type { JsonObject } from "../json.ts";
import {
  RequestError,
  argumentsOf,
  objectAt,
  objectsAt,
  sizeOf,
  someObjectsAt,
  stringAt,
  textsAt,
} from "../json.ts";
import type { Format, Heading } from "./format.ts";
import { sse } from "./format.ts";

const ERROR_STATUSES: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** A function response is any object; clients put the text under `content`, `output`, `result` or `error`. */
function resultOf(part: JsonObject, place: string): ToolResult {
  const response = objectAt(part.response ?? {}, `${place}.response`);
  const value = response.error ?? response.content ?? response.output ?? response.result ?? response;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return { text, failed: response.error !== undefined };
}

function parseContent(content: JsonObject, place: string): Message {
  const role = content.role ?? "user";
  if (role !== "user" && role !== "model" && role !== "function") {
    throw new RequestError(400, `${place}.role must be "user" or "model".`);
  }
  const parts = objectsAt(content.parts, `${place}.parts`);
  const texts = textsAt(parts, `${place}.parts`);
  const results = parts
    .filter((part) => part.functionResponse !== undefined)
    .map((part) => resultOf(objectAt(part.functionResponse, `${place}.functionResponse`), place));
  const calls = parts.filter((part) => part.functionCall !== undefined).map((part) => JSON.stringify(part));
  const size = sizeOf([...texts, ...results.map((result) => result.text), ...calls]);
  return { role: role === "model" ? "assistant" : "user", texts, results, size };
}

function usageOf({ usage }: Heading) {
  return {
    promptTokenCount: usage.prompt,
    candidatesTokenCount: usage.output,
    totalTokenCount: usage.prompt + usage.output,
    ...(usage.cached > 0 ? { cachedContentTokenCount: usage.cached } : {}),
  };
}

function bodyOf(heading: Heading, parts: unknown[], isLast: boolean) {
  const candidate = {
    content: { role: "model", parts },
    index: 0,
    ...(isLast ? { finishReason: "STOP" } : {}),
  };
  return {
    candidates: [candidate],
    ...(isLast ? { usageMetadata: usageOf(heading) } : {}),
    modelVersion: heading.request.model,
    responseId: heading.id,
  };
}

const GENERATE = /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

/** Google Gemini: https://ai.google.dev/api/generate-content */
export const google: Format = {
  parse(body, path, query) {
    const [, model = "", method] = GENERATE.exec(path) ?? [];
    const isStreaming = method === "streamGenerateContent";
    if (isStreaming && query.get("alt") !== "sse") {
      throw new RequestError(
        400,
        "streamGenerateContent needs ?alt=sse here; use generateContent for one answer.",
      );
    }
    const contents = someObjectsAt(body.contents, "contents");
    const instruction = body.systemInstruction ?? body.system_instruction;
    const tools = objectsAt(body.tools, "tools")
      .flatMap((tool) =>
        objectsAt(tool.functionDeclarations ?? tool.function_declarations, "tools.functionDeclarations"),
      )
      .map((declaration) => ({
        name: stringAt(declaration.name, "tools.functionDeclarations.name"),
        ...argumentsOf(declaration.parameters ?? declaration.parametersJsonSchema),
      }));
    return {
      model,
      isStreaming,
      wantsUsage: true,
      marksCache: false,
      conversationKey: "",
      conversation: conversationOf({
        system:
          instruction === undefined
            ? ""
            : textsAt(objectAt(instruction, "systemInstruction").parts, "systemInstruction.parts").join("\n"),
        messages: contents.map((content, index) => parseContent(content, `contents[${index}]`)),
        tools,
        toolsSize: JSON.stringify(body.tools ?? "").length,
      }),
    };
  },
  encoder(heading) {
    const chunk = (part: JsonObject) => sse(bodyOf(heading, [part], false));
    return {
      start: () => "",
      text: (text) => chunk({ text }),
      thinking: (text) => chunk({ text, thought: true }),
      call: (call) => chunk({ functionCall: { name: call.name, args: call.args } }),
      end: () => sse(bodyOf(heading, [{ text: "" }], true)),
    };
  },
  whole(heading, text, calls) {
    const parts = [
      ...(text === "" ? [] : [{ text }]),
      ...calls.map((call) => ({ functionCall: { name: call.name, args: call.args } })),
    ];
    return bodyOf(heading, parts, true);
  },
  error(status, message) {
    const name = ERROR_STATUSES[status] ?? (status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT");
    return { error: { code: status, message, status: name } };
  },
};
