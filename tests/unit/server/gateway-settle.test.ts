import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findModel, unlistedModel, type WireFormat } from "#domain/catalog.ts";
import { costMicroUsd } from "#domain/pricing.ts";
import type { Held } from "#server/gateway/holds.ts";
import type { Call } from "#server/gateway/record.ts";
import { settlementOf } from "#server/gateway/settle.ts";
import { UsageMeter } from "#server/gateway/usage.ts";

const { model, provider } = findModel("xai", "grok-4.3")!;
const call = {
  session: { provider: provider.id, model: model.id, keySource: "direct" },
  upstream: {
    route: "xai",
    name: "xAI",
    endpoints: {},
    key: null,
    guarded: false,
    modelId: model.apiId,
    model,
  },
  requestId: "r",
} as unknown as Call;
const held: Held = { amountMicroUsd: 90_000, inputTokens: 2_000, maxOutputTokens: 30_000, answers: 1 };
const encoder = new TextEncoder();

function settled(format: WireFormat, body: string, { streamed = false, broken = false } = {}) {
  const meter = new UsageMeter(format, streamed ? "text/event-stream" : "application/json");
  meter.push(encoder.encode(body));
  return settlementOf(call, held, meter.end(), broken);
}
const event = (...all: object[]) => all.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("");
const cost = (inputTokens: number, outputTokens: number) =>
  costMicroUsd(model, { inputTokens, cachedTokens: 0, outputTokens });

describe("a call that was answered well", () => {
  test.each([
    ["no usage", "{}"],
    ["usage that is text", '{"usage":"many"}'],
    ["usage that is a list", '{"usage":[]}'],
    ["usage that is null", '{"usage":null}'],
    ["usage without counts", '{"usage":{}}'],
    ["negative counts", '{"usage":{"prompt_tokens":-1,"completion_tokens":-1}}'],
    ["fractions", '{"usage":{"prompt_tokens":1.5,"completion_tokens":0.5}}'],
    ["counts that are texts", '{"usage":{"prompt_tokens":"10","completion_tokens":"5"}}'],
    ["counts that are objects", '{"usage":{"prompt_tokens":{},"completion_tokens":[]}}'],
    ["counts above all that can be", '{"usage":{"prompt_tokens":2e9,"completion_tokens":2e9}}'],
    [
      "counts above the model's context",
      '{"usage":{"prompt_tokens":900000000,"completion_tokens":900000000}}',
    ],
    ["NaN", '{"usage":{"prompt_tokens":NaN,"completion_tokens":NaN}}'],
    ["no JSON at all", "<html>"],
    ["nothing", ""],
  ])("SEC-12: with %s is charged as it was estimated, and flagged", (_, body) => {
    const found = settled("openai-chat", body);
    expect(found).toMatchObject({ costMicroUsd: held.amountMicroUsd, estimated: true });
  });

  test("SEC-12: one count that is odd is estimated; the other one stands", () => {
    const found = settled("openai-chat", '{"usage":{"prompt_tokens":500,"completion_tokens":"x"}}');
    expect(found).toMatchObject({ usage: { inputTokens: 500, outputTokens: 0 }, estimated: true });
    expect(found!.costMicroUsd).toBe(cost(500, held.maxOutputTokens));
    const other = settled("openai-chat", '{"usage":{"prompt_tokens":null,"completion_tokens":40}}');
    expect(other!.costMicroUsd).toBe(cost(held.inputTokens, 40));
  });

  test("SEC-12: good counts are charged as they are", () => {
    const found = settled("openai-chat", '{"usage":{"prompt_tokens":500,"completion_tokens":40,"cost":{}}}');
    expect(found).toMatchObject({ costMicroUsd: cost(500, 40), estimated: false });
  });

  test.each<[string, WireFormat, string]>([
    ["chat, before its figures", "openai-chat", event({ choices: [{ delta: { content: "a" } }] })],
    [
      "chat with figures in each piece",
      "openai-chat",
      event({ choices: [{ delta: {} }], usage: { prompt_tokens: 100, completion_tokens: 1 } }),
    ],
    ["Responses", "openai-responses", event({ type: "response.created", response: { usage: null } })],
    [
      "Anthropic",
      "anthropic",
      event({ type: "message_start", message: { usage: { input_tokens: 100, output_tokens: 1 } } }),
    ],
    [
      "Google",
      "google",
      event({ candidates: [{}], usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 1 } }),
    ],
  ])("SEC-12: a stream that breaks off is charged its whole output: %s", (_, format, text) => {
    const found = settled(format, text, { streamed: true, broken: true });
    expect(found!.estimated).toBe(true);
    expect(found!.costMicroUsd).toBeGreaterThanOrEqual(cost(100, held.maxOutputTokens));
  });

  test("a stream that breaks off behind its figures costs what they say", () => {
    const text = event({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 7 } });
    const found = settled("openai-chat", text, { streamed: true, broken: true });
    expect(found).toMatchObject({ costMicroUsd: cost(100, 7), estimated: false });
  });

  test("one that the provider says has failed costs what it has said, or nothing", () => {
    const failed = { error: { code: 429, message: "no" } };
    expect(settled("openai-chat", event(failed), { streamed: true })).toBeNull();
    const start = { type: "message_start", message: { usage: { input_tokens: 100, output_tokens: 1 } } };
    const overloaded = { type: "error", error: { type: "overloaded_error" } };
    expect(settled("anthropic", event(start, overloaded), { streamed: true })).toMatchObject({
      costMicroUsd: cost(100, 1),
      estimated: false,
    });
  });

  test.each([
    [undefined, 0, true],
    [{ priceInMicroUsd: 0, priceCachedMicroUsd: 0, priceOutMicroUsd: 0 }, 0, false],
    [{ priceInMicroUsd: 150_000, priceCachedMicroUsd: 20_000, priceOutMicroUsd: 1_500_000 }, 210, false],
  ])(
    "SPEC-13: an own endpoint's call with the prices %j costs %d, unknown: %s",
    (prices, wanted, unpriced) => {
      const limits = { id: "m", name: "M", contextTokens: 8_000, outputTokens: 1_000 };
      const own = {
        ...call,
        upstream: { ...call.upstream, model: unlistedModel("compatible:acme", { ...limits, prices }) },
      };
      const meter = new UsageMeter("openai-chat", "application/json");
      meter.push(encoder.encode('{"usage":{"prompt_tokens":400,"completion_tokens":100}}'));
      expect(settlementOf(own, held, meter.end(), false)).toMatchObject({
        usage: { inputTokens: 400, outputTokens: 100 },
        costMicroUsd: wanted,
        estimated: false,
        unpriced,
      });
    },
  );

  test("SEC-12: whatever a provider says, the charge is whole, not negative, and bounded", () => {
    const odd = fc.oneof(fc.jsonValue(), fc.integer(), fc.double(), fc.constant({ total: 1 }), fc.nat(5_000));
    const names = ["prompt_tokens", "completion_tokens", "total_tokens", "cost", "prompt_tokens_details"];
    fc.assert(
      fc.property(
        fc.record(Object.fromEntries(names.map((name) => [name, odd]))),
        fc.boolean(),
        (usage, broken) => {
          const found = settled("openai-chat", JSON.stringify({ usage }), { broken });
          expect(Number.isSafeInteger(found!.costMicroUsd)).toBe(true);
          expect(found!.costMicroUsd).toBeGreaterThanOrEqual(0);
          expect(found!.costMicroUsd).toBeLessThanOrEqual(
            cost(8 * model.contextTokens, 8 * model.contextTokens),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});
