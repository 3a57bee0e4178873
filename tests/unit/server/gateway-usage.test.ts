import fc from "fast-check";
import { expect, test } from "vitest";
import type { WireFormat } from "../../../lib/domain/catalog.ts";
import { UsageMeter } from "../../../lib/server/gateway/usage.ts";
import { ANTHROPIC } from "../../fixtures/gateway/anthropic.ts";
import { CHAT, OPENROUTER } from "../../fixtures/gateway/chat.ts";
import { GOOGLE } from "../../fixtures/gateway/google.ts";
import { RESPONSES } from "../../fixtures/gateway/responses.ts";

const EXCHANGES = [...CHAT, ...OPENROUTER, ...RESPONSES, ...ANTHROPIC, ...GOOGLE];
const encoder = new TextEncoder();

function read(format: WireFormat, contentType: string, pieces: Uint8Array[]) {
  const meter = new UsageMeter(format, contentType);
  for (const piece of pieces) meter.push(piece);
  return meter.end();
}

test.each(EXCHANGES)("$name: the figures are the same however the answer is cut", (exchange) => {
  const type = exchange.headers["content-type"] ?? "";
  const wanted = {
    usage: exchange.usage,
    reportedCostMicroUsd: exchange.reportedCostMicroUsd ?? null,
    failure: exchange.failure ?? null,
  };
  const bytes = encoder.encode(exchange.response);
  expect(read(exchange.format, type, [bytes])).toEqual(wanted);
  expect(
    read(
      exchange.format,
      type,
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
    ),
  ).toEqual(wanted);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
      const points = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const pieces = points.slice(0, -1).map((from, index) => bytes.slice(from, points[index + 1]));
      expect(read(exchange.format, type, pieces)).toEqual(wanted);
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
  ["google", "text/event-stream", 'data: {"error":null,"usage":[]}\n\n'],
])("says nothing where the provider said nothing: %s %s %s", (format, type, text) => {
  expect(read(format, type, [encoder.encode(text)])).toEqual({
    usage: null,
    reportedCostMicroUsd: null,
    failure: null,
  });
});

test("figures that cannot be are taken as none", () => {
  const usage = {
    prompt_tokens: -5,
    completion_tokens: 1e300,
    prompt_tokens_details: { cached_tokens: 0.5 },
  };
  expect(read("openai-chat", "application/json", [encoder.encode(JSON.stringify({ usage }))]).usage).toEqual({
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
  });
});

test.each([
  [0.00014, 140],
  [0.0000001, 1],
  [1.1, 1_100_000],
  [0, 0],
])("OpenRouter's price of $%d is %d micro-USD", (cost, microUsd) => {
  const text = JSON.stringify({ usage: { prompt_tokens: 1, completion_tokens: 1, cost } });
  expect(read("openai-chat", "application/json", [encoder.encode(text)]).reportedCostMicroUsd).toBe(microUsd);
});
