import fc from "fast-check";
import { expect, test } from "vitest";
import { MIN_OUTPUT_TOKENS, priceOf, reserve } from "#domain/ledger.ts";

const amount = fc.integer({ min: -5_000_000, max: 50_000_000 });
const call = fc.record({
  inputMicroUsd: fc.nat(5_000_000),
  outputMicroUsdPerMillion: fc.nat(100_000_000),
  maxOutputTokens: fc.integer({ min: 1, max: 200_000 }),
});

test("what is reserved is never more than there is, and always enough to answer", () => {
  fc.assert(
    fc.property(fc.option(amount), fc.option(amount), call, (creditsMicroUsd, capMicroUsd, wanted) => {
      const decision = reserve({ creditsMicroUsd, capMicroUsd }, wanted);
      const limits = [creditsMicroUsd, capMicroUsd].filter((limit) => limit !== null);
      if (decision.ok) {
        for (const limit of limits) expect(decision.amountMicroUsd).toBeLessThanOrEqual(limit);
        expect(decision.maxOutputTokens).toBeGreaterThanOrEqual(
          Math.min(MIN_OUTPUT_TOKENS, wanted.maxOutputTokens),
        );
        expect(decision.maxOutputTokens).toBeLessThanOrEqual(wanted.maxOutputTokens);
      } else expect(limits.length).toBeGreaterThan(0);
    }),
  );
});

test("without limits everything is allowed as asked", () => {
  expect(
    reserve(
      { creditsMicroUsd: null, capMicroUsd: null },
      { inputMicroUsd: 7, outputMicroUsdPerMillion: 1_000_000, maxOutputTokens: 10 },
    ),
  ).toEqual({ ok: true, amountMicroUsd: 17, maxOutputTokens: 10 });
});

test("the missing limit is named: credits before the cap", () => {
  const wanted = { inputMicroUsd: 0, outputMicroUsdPerMillion: 1_000_000, maxOutputTokens: 2_000 };
  expect(reserve({ creditsMicroUsd: 0, capMicroUsd: 0 }, wanted)).toEqual({ ok: false, reason: "no_credit" });
  expect(reserve({ creditsMicroUsd: 9_000, capMicroUsd: 5 }, wanted)).toEqual({
    ok: false,
    reason: "session_cap",
  });
});

test("money is rounded up, once, in whole micro-dollars", () => {
  expect(priceOf(1, 1)).toBe(1);
  expect(priceOf(1_000_000, 3_000_000)).toBe(3_000_000);
});

test("a month's limit clamps, waits for calls under way, and names itself once what is spent leaves no room", () => {
  const means = (...limits: [leftMicroUsd: number, heldMicroUsd: number][]) => ({
    creditsMicroUsd: null,
    capMicroUsd: null,
    limits: limits.map(([leftMicroUsd, heldMicroUsd]) => ({ leftMicroUsd, heldMicroUsd })),
  });
  const wanted = { inputMicroUsd: 1_000, outputMicroUsdPerMillion: 1_000_000, maxOutputTokens: 4_000 };
  expect(reserve(means([50_000, 0], [3_000, 0]), wanted)).toEqual({
    ok: true,
    amountMicroUsd: 3_000,
    maxOutputTokens: 2_000,
  });
  expect(reserve(means([50_000, 0], [1_500, 0]), wanted)).toEqual({ ok: false, reason: "limit", limit: 1 });
  expect(reserve(means([1_500, 50_000]), wanted)).toEqual({ ok: false, reason: "held" });
  expect(reserve(means([-50_000, 50_100]), wanted)).toEqual({ ok: false, reason: "limit", limit: 0 });
  // More than is likely fits only alone: the error of one call is what a limit may be passed by.
  const unsure = { ...wanted, maxInputMicroUsd: 9_000 };
  expect(reserve(means([5_000, 0]), unsure)).toMatchObject({ ok: true, amountMicroUsd: 5_000 });
  expect(reserve(means([5_000, 10]), unsure)).toEqual({ ok: false, reason: "held" });
  const free = { inputMicroUsd: 0, outputMicroUsdPerMillion: 0, maxOutputTokens: 4_000 };
  expect(reserve(means([-1, 0]), free)).toEqual({ ok: true, amountMicroUsd: 0, maxOutputTokens: 4_000 });
});
