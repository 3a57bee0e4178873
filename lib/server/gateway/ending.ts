import type { AnswerNote } from "#domain/answers.ts";
import type { WireFormat } from "#domain/catalog.ts";
import { MAX_ANSWER_CHARS } from "#domain/llm-events.ts";

type Json = Record<string, unknown>;

/** What one answer of a model turned out to be, in so far as it has come. */
export interface Ending {
  /** How many pieces were JSON of any kind. */
  pieces: number;
  /** Whether the model wrote anything: words, thoughts, or a tool's call. */
  wrote: boolean;
  /** Whether it called a tool. */
  calls: boolean;
  /** Why it ended, in the provider's word; null where none was given. */
  reason: string | null;
  /** The beginning of its words: one character more than the log takes, where there are more. */
  text: string;
}

export const newEnding = (): Ending => ({ pieces: 0, wrote: false, calls: false, reason: null, text: "" });

/** Whether all of an answer's words are known that the log takes. */
export const hasText = ({ text }: Ending): boolean => text.length > MAX_ANSWER_CHARS;

function addText(ending: Ending, value: unknown): void {
  if (typeof value === "string" && !hasText(ending))
    ending.text += value.slice(0, MAX_ANSWER_CHARS + 1 - ending.text.length);
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const says = (value: unknown): boolean =>
  (typeof value === "string" && value !== "") || (Array.isArray(value) && value.length > 0);
const word = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function readChat(event: Json, ending: Ending): void {
  for (const choice of objects(event.choices)) {
    const said = isObject(choice.delta) ? choice.delta : isObject(choice.message) ? choice.message : {};
    if (says(said.tool_calls)) ending.calls = true;
    if (
      [said.content, said.reasoning_content, said.reasoning, said.reasoning_details, said.refusal].some(says)
    )
      ending.wrote = true;
    addText(ending, said.content);
    ending.reason = word(choice.finish_reason) ?? ending.reason;
  }
}

function readResponses(event: Json, ending: Ending): void {
  const type = word(event.type) ?? "";
  if (
    /^response\.(output_text|refusal|reasoning\w*|function_call_arguments|custom_tool_call_input)\b.*delta$/.test(
      type,
    )
  )
    ending.wrote = true;
  if (type === "response.output_text.delta") addText(ending, event.delta);
  const whole = isObject(event.response) ? event.response : event;
  // A stream repeats its pieces at its end.
  const isUnsaid = ending.text === "";
  for (const item of [...objects(whole.output), ...(isObject(event.item) ? [event.item] : [])]) {
    if (word(item.type)?.endsWith("_call")) ending.calls = true;
    else if (says(item.content)) ending.wrote = true;
    if (isUnsaid && item.type === "message")
      for (const part of objects(item.content)) addText(ending, part.text);
  }
  if (!/^(completed|incomplete|failed|cancelled)$/.test(word(whole.status) ?? "")) return;
  const details = isObject(whole.incomplete_details) ? whole.incomplete_details : {};
  ending.reason = word(details.reason) ?? word(whole.status);
}

function readAnthropic(event: Json, ending: Ending): void {
  const blocks = [...objects(event.content), ...(isObject(event.content_block) ? [event.content_block] : [])];
  for (const block of blocks) {
    if (block.type === "tool_use") ending.calls = true;
    else if (says(block.text) || says(block.thinking)) ending.wrote = true;
    addText(ending, block.text);
  }
  const delta = isObject(event.delta) ? event.delta : {};
  if (says(delta.text) || says(delta.thinking)) ending.wrote = true;
  addText(ending, delta.text);
  ending.reason = word(delta.stop_reason) ?? word(event.stop_reason) ?? ending.reason;
}

function readGoogle(event: Json, ending: Ending): void {
  for (const candidate of objects(event.candidates)) {
    const parts = isObject(candidate.content) ? objects(candidate.content.parts) : [];
    if (parts.some((part) => isObject(part.functionCall))) ending.calls = true;
    if (parts.some((part) => says(part.text))) ending.wrote = true;
    for (const part of parts) if (part.thought !== true) addText(ending, part.text);
    ending.reason = word(candidate.finishReason) ?? ending.reason;
  }
  if (isObject(event.promptFeedback)) ending.reason = word(event.promptFeedback.blockReason) ?? ending.reason;
}

const READERS: Record<WireFormat, (event: Json, ending: Ending) => void> = {
  "openai-chat": readChat,
  "openai-responses": readResponses,
  anthropic: readAnthropic,
  google: readGoogle,
};

/** What may stand in a piece that says why the answer ends. */
export const ENDS = /"(?:finish_reason|stop_reason|finishReason|blockReason|status)"\s*:\s*"/;

/** What may stand in a piece with a tool's call. */
export const TELLS_CALL = /"(?:tool_calls|function_call|functionCall|tool_use)"|_call"/;

/** What may stand in a piece with some of the answer's words. */
export const TELLS_TEXT = /"(?:content|text|delta)"\s*:\s*"(?!")/;

/** Reads one piece of an answer, as JSON. */
export function readEnding(format: WireFormat, event: unknown, ending: Ending): void {
  for (const piece of Array.isArray(event) ? event : [event]) {
    if (!isObject(piece)) continue;
    READERS[format](piece, ending);
    if (ending.calls) ending.wrote = true;
  }
}

/** The words with which each format ends an answer, and how the agent's client goes on after them. */
const KNOWN: Record<WireFormat, ReadonlySet<string>> = {
  "openai-chat": new Set(["stop", "length", "tool_calls", "function_call", "content_filter"]),
  "openai-responses": new Set(["completed", "max_output_tokens", "content_filter", "failed", "cancelled"]),
  anthropic: new Set(
    "end_turn stop_sequence tool_use max_tokens pause_turn refusal model_context_window_exceeded".split(" "),
  ),
  google: new Set(
    "STOP MAX_TOKENS SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII MALFORMED_FUNCTION_CALL OTHER".split(
      " ",
    ),
  ),
};
const SHORTENED = /^(length|max_tokens|max_output_tokens|MAX_TOKENS|model_context_window_exceeded)$/;
const FOR_CALLS = /^(tool_calls|function_call|tool_use)$/;
const NATURAL = /^(stop|end_turn|stop_sequence|STOP|completed)$/;
const FILTERED = /^(content_filter|refusal|SAFETY|RECITATION|BLOCKLIST|PROHIBITED_CONTENT|SPII)$/;

/** What is worth a line on the session about an answer that was passed on. */
export function noteOf(format: WireFormat, { reason, wrote, calls }: Ending): AnswerNote | undefined {
  if (!wrote && reason === null) return undefined;
  // For calls that the agent cannot find it would ask again and again.
  if (reason !== null && FOR_CALLS.test(reason) && !calls) return "unknown_end";
  if (reason !== null && SHORTENED.test(reason)) return "cut_length";
  if (reason !== null && FILTERED.test(reason)) return "cut_filter";
  return reason === null || !KNOWN[format].has(reason) ? "unknown_end" : undefined;
}

/**
 * What ends a streamed answer whose own end the agent's client does not know: it would ask the same again and again.
 * Null where the answer needs none, or where its format's clients take no second end.
 */
export function missingEnd(format: WireFormat, ending: Ending): string | null {
  if (!ending.wrote || noteOf(format, ending) !== "unknown_end") return null;
  const event = (data: object) => `\n\ndata: ${JSON.stringify(data)}\n\n`;
  if (format === "openai-chat") {
    const choice = { index: 0, delta: {}, finish_reason: ending.calls ? "tool_calls" : "stop" };
    return event({ id: "end", object: "chat.completion.chunk", created: 0, model: "", choices: [choice] });
  }
  if (format === "google")
    return event({ candidates: [{ index: 0, content: { role: "model", parts: [] }, finishReason: "STOP" }] });
  return null;
}

/** The formats whose clients take the last of several ends. */
const ENDABLE: ReadonlySet<WireFormat> = new Set(["openai-chat", "google"]);

/** Why a call brought nothing, as a kind of refusal names it. */
export type Fruitless = "error" | "broken" | "empty" | "web_page" | "not_stream" | "unreadable";

/**
 * Whether an answer brought the agent no further, and why; undefined where it did.
 * @param answer `failed`: an error stood in it; `broken`: it did not come to its end; `unread`: some of it was too long
 *   to be looked into; `afterTools`: the call gave the results of tools, after which a model may have nothing to add
 */
export function fruitlessness(
  format: WireFormat,
  ending: Ending,
  answer: {
    failed: boolean;
    broken: boolean;
    unread: boolean;
    streaming: boolean;
    afterTools: boolean;
    contentType: string | null;
  },
): Fruitless | undefined {
  const { contentType } = answer;
  if (answer.failed) return "error";
  if (answer.broken) return "broken";
  if (answer.unread) return undefined;
  if (ending.pieces === 0) {
    if (contentType?.includes("html")) return "web_page";
    return contentType?.includes("text/event-stream") ? "empty" : "unreadable";
  }
  if (answer.streaming && !contentType?.includes("text/event-stream") && format !== "google")
    return "not_stream";
  const note = noteOf(format, ending);
  // An end that cannot be given from here: the agent will ask again.
  if (note === "unknown_end" && ending.wrote) return ENDABLE.has(format) ? undefined : "broken";
  if (ending.wrote || note === "cut_length" || note === "cut_filter") return undefined;
  return answer.afterTools && ending.reason !== null && NATURAL.test(ending.reason) ? undefined : "empty";
}

/** What a call gives the model to read, in the order in which it was said. */
const listIn = (format: WireFormat, body: Json): unknown =>
  format === "google" ? body.contents : format === "openai-responses" ? body.input : body.messages;

/** How many messages a call has. */
export function messagesIn(format: WireFormat, body: Json): number {
  const list = listIn(format, body);
  return Array.isArray(list) ? list.length : 1;
}

/** Whether a call ends with what tools have returned. */
export function endsWithTools(format: WireFormat, body: Json): boolean {
  const last = objects(listIn(format, body)).at(-1);
  if (!last) return false;
  if (last.role === "tool" || last.type === "function_call_output" || last.type === "custom_tool_call_output")
    return true;
  return [...objects(last.content), ...objects(last.parts)].some(
    (part) => part.type === "tool_result" || isObject(part.functionResponse),
  );
}
