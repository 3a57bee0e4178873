import { expect, test } from "vitest";
import { anthropic } from "#demo-model/formats/anthropic.ts";
import { chat } from "#demo-model/formats/chat.ts";
import type { Encoder, Format, Heading } from "#demo-model/formats/format.ts";
import { google } from "#demo-model/formats/google.ts";
import { responses } from "#demo-model/formats/responses.ts";
import { parseScript } from "#demo-model/script.ts";

const HEADING: Heading = {
  id: "h",
  createdSeconds: 0,
  request: {
    model: "demo",
    isStreaming: true,
    wantsUsage: true,
    marksCache: false,
    conversationKey: "",
    conversation: {
      isTitleRequest: false,
      isCommitRequest: false,
      userMessages: [],
      results: [],
      tools: [],
      promptSize: 0,
      cachedSize: 0,
    },
  },
  usage: { prompt: 1, cached: 0, output: 1 },
};

const eventsOf = (format: Format, play: (encoder: Encoder) => string) => {
  const encoder = format.encoder(HEADING);
  const text = encoder.start() + play(encoder) + encoder.end();
  return [...text.matchAll(/^data: (\{.*\})$/gm)].map(
    ([, data = ""]) => JSON.parse(data) as Record<string, unknown>,
  );
};
const thinkThenSay = (encoder: Encoder) =>
  encoder.thinking("first ") + encoder.thinking("this") + encoder.text("then that");

test("OpenAI Chat Completions thinks beside its content", () => {
  const text = JSON.stringify(eventsOf(chat, thinkThenSay));
  expect(text).toContain('"reasoning_content":"first "');
  expect(text).toContain('"content":"then that"');
});

test("Google marks what is thought", () => {
  expect(JSON.stringify(eventsOf(google, thinkThenSay))).toContain('{"text":"first ","thought":true}');
});

test("Anthropic thinks in a block of its own, signed at its end", () => {
  const events = eventsOf(anthropic, thinkThenSay);
  const blocks = events.filter(({ type }) => String(type).startsWith("content_block_"));
  expect(blocks.map(({ type, index }) => [String(type).replace("content_block_", ""), index])).toEqual([
    ["start", 0],
    ["delta", 0],
    ["delta", 0],
    ["delta", 0],
    ["stop", 0],
    ["start", 1],
    ["delta", 1],
    ["stop", 1],
  ]);
  expect(JSON.stringify(blocks[3])).toContain("signature_delta");
});

test("OpenAI Responses thinks in an item before the message", () => {
  const events = eventsOf(responses, thinkThenSay);
  const done = events.filter(({ type }) => type === "response.output_item.done");
  expect(done.map(({ output_index, item }) => [output_index, (item as { type: string }).type])).toEqual([
    [0, "reasoning"],
    [1, "message"],
  ]);
  const summary = [{ type: "summary_text", text: "first this" }];
  expect(done[0]?.item).toMatchObject({ summary });
  expect(events.map(({ sequence_number: at }) => at)).toEqual(events.map((_, index) => index));
});

test("a script thinks, plans and hands on", () => {
  expect(parseScript("```demo\nthink about it\ntodo look; write ;\ntask run `ls`\n```")).toEqual({
    acts: [
      { kind: "think", text: "about it" },
      { kind: "todo", items: ["look", "write"] },
      { kind: "task", text: "run `ls`" },
    ],
    errors: [],
  });
  expect(parseScript("```demo\nthink\ntodo ;\ntask\n```")?.errors).toHaveLength(3);
});
