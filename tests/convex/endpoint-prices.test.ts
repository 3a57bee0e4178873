import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { readySession } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const PRICES = { priceInMicroUsd: 150_000, priceCachedMicroUsd: 0, priceOutMicroUsd: 1_000_000_000 };

/** Saves an endpoint with one model, as its server does for an admin. */
const save = async (prices: unknown) =>
  await db.service.mutation(api.providerKeys.save, {
    actor: ada.actor,
    provider: "compatible:acme",
    name: "Acme",
    baseUrl: "https://models.example.com/v1",
    models: [
      { id: "m", name: "M", contextTokens: 8_000, outputTokens: 1_000, prices: prices as typeof PRICES },
    ],
    ciphertext: "abc",
    version: 1,
    prefix: "",
    last4: "",
    status: "active",
    dataKey: { wrapped: "w", kekVersion: 1 },
  });

test("SPEC-13: an admin's prices are kept, nothing included, and can be left out", async () => {
  await save(PRICES);
  expect(await ada.as.query(api.providerKeys.list, {})).toMatchObject([{ models: [{ prices: PRICES }] }]);
});

test.each([
  ["negative", { ...PRICES, priceInMicroUsd: -1 }],
  ["a fraction", { ...PRICES, priceOutMicroUsd: 0.5 }],
  ["NaN", { ...PRICES, priceCachedMicroUsd: Number.NaN }],
  ["above a thousand dollars", { ...PRICES, priceOutMicroUsd: 1_000_000_001 }],
  ["half of them", { priceInMicroUsd: 1 }],
])("SPEC-13: a price that is %s is refused by Convex itself", async (_, prices) => {
  await expect(save(prices)).rejects.toThrow(/prices|Validator|validat|missing/i);
  expect(await ada.as.query(api.providerKeys.list, {})).toEqual([]);
});

test("SPEC-13: calls without a price count against no cap, and are shown as of unknown cost", async () => {
  const { sessionId } = await readySession(db, ada);
  await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { budgetCapMicroUsd: 10_000 }));
  const call = { sessionId, provider: "compatible:acme", model: "m", keySource: "direct" as const };
  for (const requestId of ["a", "b", "c"]) {
    const decision = await db.service.mutation(api.usage.reserve, {
      sessionId,
      requestId,
      keySource: "direct",
      inputMicroUsd: 0,
      maxInputMicroUsd: 0,
      outputMicroUsdPerMillion: 0,
      maxOutputTokens: 16_384,
    });
    expect(decision).toEqual({ ok: true, amountMicroUsd: 0, maxOutputTokens: 16_384 });
    const tokens = { inputTokens: 1_000_000, cachedTokens: 0, outputTokens: 1_000_000 };
    await db.service.mutation(api.usage.record, {
      ...call,
      ...tokens,
      requestId,
      costMicroUsd: 0,
      unpriced: true,
    });
  }
  expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({
    totalCostMicroUsd: 0,
    totalOutputTokens: 3_000_000,
  });
  const { groups } = await ada.as.query(api.usageReports.page, {
    from: "2026-01-01",
    paginationOpts: { numItems: 10, cursor: null },
  });
  expect(groups).toMatchObject([{ calls: 3, unpricedCalls: 3, costMicroUsd: 0 }]);
});
