import fc from "fast-check";
import { expect, test } from "vitest";
import { findModel } from "#domain/catalog.ts";
import {
  costAtMost,
  costMicroUsd,
  dollarsAsMicroUsd,
  type Prices,
  type TokenUsage,
} from "#domain/pricing.ts";

const sonnet = findModel("anthropic", "claude-sonnet-4-6")!.model;

test.each<[string, Partial<TokenUsage>, number]>([
  ["fresh input", { inputTokens: 200_000 }, 600_000],
  ["input read from the cache", { inputTokens: 100_000, cachedTokens: 100_000 }, 30_000],
  ["a cache write of five minutes", { inputTokens: 100_000, cacheWriteTokens: 100_000 }, 375_000],
  ["a cache write of an hour", { inputTokens: 100_000, cacheWriteLongTokens: 100_000 }, 600_000],
  ["output, reasoning included", { outputTokens: 1_000, reasoningTokens: 900 }, 15_000],
  ["a prompt above the long-context mark", { inputTokens: 200_001, outputTokens: 1_000 }, 1_222_506],
  ["nothing", {}, 0],
])("costs of %s", (_, usage, cost) => {
  expect(costMicroUsd(sonnet, { inputTokens: 0, cachedTokens: 0, outputTokens: 0, ...usage })).toBe(cost);
});

test("a fraction is rounded up once, over the whole call", () => {
  const prices = { priceInMicroUsd: 1, priceCachedMicroUsd: 1, priceOutMicroUsd: 1 };
  expect(costMicroUsd(prices, { inputTokens: 1, cachedTokens: 0, outputTokens: 0 })).toBe(1);
  expect(costMicroUsd(prices, { inputTokens: 600_000, cachedTokens: 300_000, outputTokens: 400_000 })).toBe(
    1,
  );
});

test.each([
  [709, 11, 83],
  [8_415, 30, 939],
])(
  "SPEC-12: %d in and %d out of the demo model are rounded up once, markup included: %d",
  (input, output, cost) => {
    const { model } = findModel("demo", "demo")!;
    expect(costMicroUsd(model, { inputTokens: input, cachedTokens: 0, outputTokens: output }, 110)).toBe(
      cost,
    );
  },
);

test("SPEC-12: a provider's own price is rounded up once too", () => {
  expect(dollarsAsMicroUsd(0.000_001_1, 110)).toBe(2);
  expect(dollarsAsMicroUsd(0.000_011, 110)).toBe(13);
  expect(dollarsAsMicroUsd(0.001, 110)).toBe(1_100);
});

const price = fc.integer({ min: 0, max: 200_000_000 });
const rate = fc.record(
  {
    priceInMicroUsd: price,
    priceCachedMicroUsd: price,
    priceOutMicroUsd: price,
    priceCacheWriteMicroUsd: price,
    priceCacheWriteLongMicroUsd: price,
  },
  { requiredKeys: ["priceInMicroUsd", "priceCachedMicroUsd", "priceOutMicroUsd"] },
);
const tokens = fc.nat(2_000_000);
/** A call's figures, with parts of the prompt that add up to no more than the prompt. */
const usage: fc.Arbitrary<Required<TokenUsage>> = fc
  .record({ fresh: tokens, cached: tokens, short: tokens, long: tokens, output: tokens })
  .map(({ fresh, cached, short, long, output }) => ({
    inputTokens: fresh + cached + short + long,
    cachedTokens: cached,
    cacheWriteTokens: short,
    cacheWriteLongTokens: long,
    outputTokens: output,
    reasoningTokens: 0,
  }));

test("SEC-5: what is held for so many tokens is never less than what they cost, however they are counted", () => {
  fc.assert(
    fc.property(rate, usage, fc.integer({ min: 100, max: 300 }), (prices: Prices, used, markup) => {
      expect(costAtMost(prices, used, markup)).toBeGreaterThanOrEqual(costMicroUsd(prices, used, markup));
    }),
  );
});

test("costs are whole, exact but for the one rounding, and never fall as tokens are added", () => {
  fc.assert(
    fc.property(rate, usage, (prices: Prices, used) => {
      const cost = costMicroUsd(prices, used);
      const write = prices.priceCacheWriteMicroUsd ?? prices.priceInMicroUsd;
      const fresh = used.inputTokens - used.cachedTokens - used.cacheWriteTokens - used.cacheWriteLongTokens;
      const exact =
        BigInt(fresh) * BigInt(prices.priceInMicroUsd) +
        BigInt(used.cachedTokens) * BigInt(prices.priceCachedMicroUsd) +
        BigInt(used.cacheWriteTokens) * BigInt(write) +
        BigInt(used.cacheWriteLongTokens) * BigInt(prices.priceCacheWriteLongMicroUsd ?? write) +
        BigInt(used.outputTokens) * BigInt(prices.priceOutMicroUsd);
      expect(Number.isSafeInteger(cost)).toBe(true);
      expect(BigInt(cost) * 1_000_000n >= exact).toBe(true);
      expect(BigInt(cost) * 1_000_000n < exact + 1_000_000n).toBe(true);
      const more = { ...used, inputTokens: used.inputTokens + 1, outputTokens: used.outputTokens + 1 };
      expect(costMicroUsd(prices, more)).toBeGreaterThanOrEqual(cost);
    }),
  );
});

test("the long-context price holds for the whole call, from one token above the mark", () => {
  fc.assert(
    fc.property(rate, rate, usage, fc.nat(4_000_000), (prices, above, used, aboveTokens) => {
      const tiered = { ...prices, longContext: { ...above, aboveTokens } };
      const applied = used.inputTokens > aboveTokens ? above : prices;
      expect(costMicroUsd(tiered, used)).toBe(costMicroUsd(applied, used));
    }),
  );
});

test("figures that contradict each other cost no less than their parts", () => {
  const prices = { priceInMicroUsd: 3_000_000, priceCachedMicroUsd: 300_000, priceOutMicroUsd: 15_000_000 };
  expect(costMicroUsd(prices, { inputTokens: 10, cachedTokens: 1_000_000, outputTokens: 0 })).toBe(300_000);
  expect(() => costMicroUsd(prices, { inputTokens: 1.5, cachedTokens: 0, outputTokens: 0 })).toThrow(
    RangeError,
  );
});
