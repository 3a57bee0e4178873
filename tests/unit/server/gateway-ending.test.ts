import { describe, expect, test } from "vitest";
import type { WireFormat } from "#domain/catalog.ts";
import {
  type Ending,
  endsWithTools,
  fruitlessness,
  missingEnd,
  newEnding,
  noteOf,
  readEnding,
} from "#server/gateway/ending.ts";

const chat = (delta: object, reason: string | null = null) => ({
  choices: [{ index: 0, delta, finish_reason: reason }],
});
const call = { tool_calls: [{ index: 0, id: "a", function: { name: "bash", arguments: "{}" } }] };

/** An answer, and what it comes to: `fine`, a note on it, or why it brought nothing. `end`: one is added to it. */
const ANSWERS: [name: string, format: WireFormat, pieces: object[], comes: string, end?: true][] = [
  ["words and stop", "openai-chat", [chat({ content: "hi" }), chat({}, "stop")], "fine"],
  ["a call", "openai-chat", [chat(call), chat({}, "tool_calls")], "fine"],
  ["a call without an end", "openai-chat", [chat(call)], "unknown_end", true],
  [
    "an end for calls, and none",
    "openai-chat",
    [chat({ content: "hi" }), chat({}, "tool_calls")],
    "unknown_end",
    true,
  ],
  [
    "the old form of a call",
    "openai-chat",
    [chat({ function_call: {} }), chat({}, "function_call")],
    "empty",
  ],
  ["thoughts alone", "openai-chat", [chat({ reasoning_content: "hm" }), chat({}, "stop")], "fine"],
  ["cut at its limit", "openai-chat", [chat({ content: "hi" }), chat({}, "length")], "cut_length"],
  ["nothing at all", "openai-chat", [chat({ content: "" }), chat({}, "stop")], "empty"],
  [
    "a response",
    "openai-responses",
    [
      { type: "response.output_text.delta", delta: "hi" },
      { type: "response.completed", response: { status: "completed", output: [] } },
    ],
    "fine",
  ],
  [
    "a response without an end",
    "openai-responses",
    [{ type: "response.output_text.delta", delta: "hi" }],
    "broken",
  ],
  [
    "a response that was cut",
    "openai-responses",
    [
      { type: "response.output_text.delta", delta: "hi" },
      {
        type: "response.incomplete",
        response: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
      },
    ],
    "cut_length",
  ],
  [
    "a message",
    "anthropic",
    [
      { type: "content_block_delta", delta: { type: "text_delta", text: "hi" } },
      { type: "message_delta", delta: { stop_reason: "end_turn" } },
    ],
    "fine",
  ],
  [
    "a message with an odd end",
    "anthropic",
    [
      { type: "content_block_delta", delta: { type: "text_delta", text: "hi" } },
      { type: "message_delta", delta: { stop_reason: "tired" } },
    ],
    "broken",
  ],
  [
    "a candidate",
    "google",
    [{ candidates: [{ content: { parts: [{ text: "hi" }] }, finishReason: "STOP" }] }],
    "fine",
  ],
  [
    "a candidate without an end",
    "google",
    [{ candidates: [{ content: { parts: [{ text: "hi" }] } }] }],
    "unknown_end",
    true,
  ],
];

const answer = {
  failed: false,
  broken: false,
  unread: false,
  streaming: true,
  afterTools: false,
  contentType: "text/event-stream",
};

function endingOf(format: WireFormat, pieces: object[]): Ending {
  const ending = newEnding();
  for (const piece of pieces) {
    ending.pieces += 1;
    readEnding(format, piece, ending);
  }
  return ending;
}

describe("BUG-1: what an answer comes to", () => {
  test.each(ANSWERS)("%s (%s)", (_, format, pieces, comes, end) => {
    const ending = endingOf(format, pieces);
    expect(fruitlessness(format, ending, answer) ?? noteOf(format, ending) ?? "fine").toBe(comes);
    expect(missingEnd(format, ending) !== null).toBe(end === true);
  });

  test("an end that is added says what the answer asked for", () => {
    const reasonIn = (pieces: object[]) =>
      /"finish_reason":"(\w+)"/.exec(missingEnd("openai-chat", endingOf("openai-chat", pieces)) ?? "")?.[1];
    expect(reasonIn([chat(call)])).toBe("tool_calls");
    expect(reasonIn([chat({ content: "hi" }), chat({}, "tool_calls")])).toBe("stop");
  });

  test("after the results of tools a model may have nothing to add, but must not ask for calls in vain", () => {
    const silent = endingOf("openai-chat", [chat({ content: "" }), chat({}, "stop")]);
    expect(fruitlessness("openai-chat", silent, { ...answer, afterTools: true })).toBeUndefined();
    const calling = endingOf("openai-chat", [chat({}, "tool_calls")]);
    expect(fruitlessness("openai-chat", calling, { ...answer, afterTools: true })).toBe("empty");
  });

  test("what was too long to be looked into is no empty answer", () => {
    const ending = endingOf("openai-chat", [chat({}, "stop")]);
    expect(fruitlessness("openai-chat", ending, { ...answer, unread: true })).toBeUndefined();
  });

  test.each<[WireFormat, object]>([
    ["openai-chat", { messages: [{ role: "user" }, { role: "tool", content: "x" }] }],
    ["openai-responses", { input: [{ type: "function_call_output" }] }],
    ["anthropic", { messages: [{ role: "user", content: [{ type: "tool_result" }] }] }],
    ["google", { contents: [{ role: "user", parts: [{ functionResponse: {} }] }] }],
  ])("the results of tools are known in %s", (format, body) => {
    expect(endsWithTools(format, body as Record<string, unknown>)).toBe(true);
    expect(endsWithTools(format, { messages: [{ role: "user", content: "hi" }] })).toBe(false);
  });
});
