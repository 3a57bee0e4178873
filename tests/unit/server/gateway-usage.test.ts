import fc from "fast-check";
import { expect, test } from "vitest";
import type { WireFormat } from "#domain/catalog.ts";
import { dollarsAsMicroUsd } from "#domain/pricing.ts";
import { newFigures } from "#server/gateway/figures.ts";
import { MAX_EVENT_CHARACTERS, UsageMeter } from "#server/gateway/usage.ts";
import { ANTHROPIC } from "../../fixtures/gateway/anthropic.ts";
import { CHAT, OPENROUTER } from "../../fixtures/gateway/chat.ts";
import { GOOGLE } from "../../fixtures/gateway/google.ts";
import { RESPONSES } from "../../fixtures/gateway/responses.ts";
import { cpuMsOf } from "#tests/cpu-time.ts";

const EXCHANGES = [...CHAT, ...OPENROUTER, ...RESPONSES, ...ANTHROPIC, ...GOOGLE];
const encoder = new TextEncoder();

function read(format: WireFormat, contentType: string, pieces: Uint8Array[]) {
  const meter = new UsageMeter(format, contentType);
  for (const piece of pieces) meter.push(piece);
  return meter.end();
}

/** The figures that a recorded exchange names. */
function said(format: WireFormat, contentType: string, pieces: Uint8Array[]) {
  const { usage, reportedCostUsd, failure } = read(format, contentType, pieces);
  return {
    usage,
    reportedCostMicroUsd: reportedCostUsd === null ? null : dollarsAsMicroUsd(reportedCostUsd),
    failure,
  };
}

test.each(EXCHANGES)("$name: the figures are the same however the answer is cut", (exchange) => {
  const type = exchange.headers["content-type"] ?? "";
  const wanted = {
    usage: exchange.usage,
    reportedCostMicroUsd: exchange.reportedCostMicroUsd ?? null,
    failure: exchange.failure ?? null,
  };
  const bytes = encoder.encode(exchange.response);
  expect(said(exchange.format, type, [bytes])).toEqual(wanted);
  expect(
    said(
      exchange.format,
      type,
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
    ),
  ).toEqual(wanted);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
      const points = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const pieces = points.slice(0, -1).map((from, index) => bytes.slice(from, points[index + 1]));
      expect(said(exchange.format, type, pieces)).toEqual(wanted);
    }),
    { numRuns: 50 },
  );
});

test("an answer that breaks off keeps what was said until then", () => {
  const [exchange] = ANTHROPIC;
  const upTo = exchange!.response.indexOf('"output_tokens":480');
  const figures = read("anthropic", "text/event-stream", [encoder.encode(exchange!.response.slice(0, upTo))]);
  expect(figures.usage).toMatchObject({ inputTokens: 43_012, outputTokens: 120 });
});

test.each<[WireFormat, string, string]>([
  ["openai-chat", "text/event-stream", 'data: {"usage": broken\n\n'],
  ["openai-chat", "text/event-stream", ""],
  ["openai-chat", "application/json", "<html>usage</html>"],
  ["openai-responses", "text/event-stream", 'data: {"response":{"usage":null}}\n\n'],
  ["anthropic", "application/json", '{"usage":"many"}'],
  ["google", "application/json", '[null, 3, {"usageMetadata":null}]'],
  ["openai-chat", "application/json", '{"usage":{"prompt_tokens":NaN}}'],
  ["google", "text/event-stream", 'data: {"error":null,"usage":[]}\n\n'],
])("says nothing where the provider said nothing: %s %s %s", (format, type, text) => {
  expect(read(format, type, [encoder.encode(text)])).toEqual(newFigures());
});

test("SEC-12: figures that cannot be are missing, and do not stand as 0", () => {
  const usage = {
    prompt_tokens: -5,
    completion_tokens: 1e300,
    prompt_tokens_details: { cached_tokens: 0.5 },
  };
  const figures = read("openai-chat", "application/json", [encoder.encode(JSON.stringify({ usage }))]);
  expect(figures.missing).toEqual({ input: true, output: true });
});

const CHAT_COUNTS = { prompt_tokens: 100, completion_tokens: 20 };
test.each<[WireFormat, object]>([
  ["openai-chat", { usage: { ...CHAT_COUNTS, cost: { total: 1 } } }],
  ["openai-chat", { usage: { ...CHAT_COUNTS, cost: "0.1" } }],
  ["openai-chat", { usage: { ...CHAT_COUNTS, cost: -1 } }],
  ["openai-chat", { usage: { ...CHAT_COUNTS, prompt_tokens_details: [1], completion_tokens_details: "x" } }],
  [
    "openai-chat",
    { usage: { ...CHAT_COUNTS, total_tokens: {}, prompt_tokens_details: { cached_tokens: [] } } },
  ],
  ["openai-responses", { usage: { input_tokens: 100, output_tokens: 20, input_tokens_details: [] } }],
  ["openai-responses", { usage: { input_tokens: 100, output_tokens: 20, output_tokens_details: 3 } }],
  ["anthropic", { usage: { input_tokens: 100, output_tokens: 20, cache_creation: "none" } }],
  ["anthropic", { usage: { input_tokens: 100, output_tokens: 20, cache_read_input_tokens: -1 } }],
  [
    "google",
    {
      usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20, thoughtsTokenCount: "few" },
      candidates: 1,
    },
  ],
])("SEC-12: %s: one odd field beside good counts discards none of them: %j", (format, body) => {
  const figures = read(format, "application/json", [encoder.encode(JSON.stringify(body))]);
  expect(figures.usage).toMatchObject({ inputTokens: 100, cachedTokens: 0, outputTokens: 20 });
  expect(figures.missing).toEqual({ input: false, output: false });
});

test.each<[string, (push: (text: string) => void) => void]>([
  ["a line without an end", (push) => push("x".repeat(10_000))],
  ["data lines without an event's end", (push) => push(`data: ${"x".repeat(5_000)}\n`)],
  ["empty data lines", (push) => push("data:\n".repeat(2_000))],
  ["carriage returns", (push) => push(`data: x\r`.repeat(1_000))],
  ["an id without an end", (push) => push("id: ".padEnd(10_000, "1"))],
])("SEC-2: %s is dropped, in bounded memory and linear time", (_, piece) => {
  const meter = new UsageMeter("openai-chat", "text/event-stream");
  const push = (text: string) => meter.push(encoder.encode(text));
  piece(push);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const tookMs = cpuMsOf(() => {
    push("data: ");
    for (let sent = 0; sent < 200; sent += 1) for (let i = 0; i < 100; i += 1) piece(push);
  });
  expect(tookMs).toBeLessThan(10_000);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
  // What comes behind it counts.
  push('\n\n\ndata: {"usage":{"prompt_tokens":5,"completion_tokens":7},"choices":[]}\n\n');
  expect(meter.end()).toMatchObject({ usage: { inputTokens: 5, outputTokens: 7 }, final: true });
});

test("SEC-2: an event above the limit is told of, and the next one is read", () => {
  const long = `data: {"usage":{"prompt_tokens":1,"completion_tokens":1},"x":"${"y".repeat(MAX_EVENT_CHARACTERS)}"}\n\n`;
  const next = 'data: {"usage":{"prompt_tokens":5,"completion_tokens":7}}\n\n';
  const whole = encoder.encode(long + next);
  for (const size of [1_000, 65_536, whole.length]) {
    const pieces = [];
    for (let at = 0; at < whole.length; at += size) pieces.push(whole.slice(at, at + size));
    const figures = read("openai-chat", "text/event-stream", pieces);
    expect(figures).toMatchObject({ unread: true, usage: { inputTokens: 5, outputTokens: 7 } });
  }
});

test.each([
  [0.00014, 140],
  [0.0000001, 1],
  [1.1, 1_100_000],
  [0, 0],
])("OpenRouter's price of $%d is %d micro-USD", (cost, microUsd) => {
  const text = JSON.stringify({ usage: { prompt_tokens: 1, completion_tokens: 1, cost } });
  expect(said("openai-chat", "application/json", [encoder.encode(text)]).reportedCostMicroUsd).toBe(microUsd);
});

const sse = (...events: object[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
const words = Array.from({ length: 600 }, (_, index) => `w${index} `);
const whole = words.join("");

/** The same words in the form of each format, streamed and at once. */
const SAID: [name: string, format: WireFormat, type: string, body: string][] = [
  [
    "chat",
    "openai-chat",
    "text/event-stream",
    sse(...words.map((content) => ({ choices: [{ delta: { content, reasoning_content: "hm" } }] }))),
  ],
  [
    "chat at once",
    "openai-chat",
    "application/json",
    JSON.stringify({ choices: [{ message: { content: whole } }] }),
  ],
  [
    "responses",
    "openai-responses",
    "text/event-stream",
    sse(
      { type: "response.reasoning_summary_text.delta", delta: "hm" },
      ...words.map((delta) => ({ type: "response.output_text.delta", delta })),
      { type: "response.output_item.done", item: { type: "message", content: [{ text: whole }] } },
    ),
  ],
  [
    "anthropic",
    "anthropic",
    "text/event-stream",
    sse(
      { type: "content_block_delta", delta: { type: "thinking_delta", thinking: "hm" } },
      ...words.map((text) => ({ type: "content_block_delta", delta: { type: "text_delta", text } })),
    ),
  ],
  [
    "google",
    "google",
    "application/json",
    JSON.stringify([
      { candidates: [{ content: { parts: [{ text: "hm", thought: true }, { text: whole }] } }] },
    ]),
  ],
];

test.each(SAID)(
  "%s: the beginning of an answer's words is known, and no thought",
  (_, format, type, body) => {
    const meter = new UsageMeter(format, type);
    meter.push(encoder.encode(body));
    meter.end();
    expect(meter.ending.text).toBe(whole.slice(0, 1_001));
  },
);
