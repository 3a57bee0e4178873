import fc from "fast-check";
import { expect, test } from "vitest";
import { costMicroUsd } from "../../../lib/domain/catalog.ts";
import { UsageMeter } from "../../../lib/server/gateway/usage.ts";

const encoder = new TextEncoder();
const stream = [
  'data: {"choices":[{"delta":{"content":"the word \\"usage\\" in text"}}]}',
  'data: {"choices":[{"delta":{"content":"ü"}}],"usage":null}',
  'data: {"choices":[],"usage":{"prompt_tokens":120,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":100}}}',
  "data: [DONE]",
  "",
].join("\n\n");

test("reads a stream's figures however it is cut into pieces", () => {
  const bytes = encoder.encode(stream);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
      const meter = new UsageMeter("text/event-stream; charset=utf-8");
      const points = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      for (const [index, from] of points.slice(0, -1).entries())
        meter.push(bytes.slice(from, points[index + 1]));
      expect(meter.end()).toEqual({ inputTokens: 120, cachedTokens: 100, outputTokens: 7 });
    }),
  );
});

test("reads an answer that is not streamed", () => {
  const meter = new UsageMeter("application/json");
  meter.push(encoder.encode('{"choices":[],"usage":{"prompt_tokens":3,'));
  meter.push(encoder.encode('"completion_tokens":4}}'));
  expect(meter.end()).toEqual({ inputTokens: 3, cachedTokens: 0, outputTokens: 4 });
});

test.each([
  ["text/event-stream", 'data: {"usage": broken\n\n'],
  ["text/event-stream", ""],
  ["application/json", "<html>usage</html>"],
  ["application/json", '{"error":{"message":"no"}}'],
])("says nothing where the provider said nothing: %s %s", (type, text) => {
  const meter = new UsageMeter(type);
  meter.push(encoder.encode(text));
  expect(meter.end()).toBeNull();
});

test("costs are whole micro-dollars, rounded up once, never less for more tokens", () => {
  const price = { priceInMicroUsd: 3_000_000, priceCachedMicroUsd: 300_000, priceOutMicroUsd: 15_000_000 };
  expect(costMicroUsd(price, { inputTokens: 1_000_000, cachedTokens: 0, outputTokens: 1_000_000 })).toBe(
    18_000_000,
  );
  expect(costMicroUsd(price, { inputTokens: 1, cachedTokens: 1, outputTokens: 0 })).toBe(1);
  expect(costMicroUsd(price, { inputTokens: 0, cachedTokens: 0, outputTokens: 0 })).toBe(0);
  fc.assert(
    fc.property(fc.nat(2_000_000), fc.nat(2_000_000), fc.nat(2_000_000), (input, cached, output) => {
      const usage = { inputTokens: input, cachedTokens: Math.min(cached, input), outputTokens: output };
      const cost = costMicroUsd(price, usage);
      expect(Number.isInteger(cost)).toBe(true);
      expect(costMicroUsd(price, { ...usage, outputTokens: output + 1 })).toBeGreaterThanOrEqual(cost);
    }),
  );
});
