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
