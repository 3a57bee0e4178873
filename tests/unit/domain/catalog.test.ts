import { expect, test } from "vitest";
import { z } from "zod";
import { CATALOG, DEFAULT_MODEL, MODEL_ROWS, modelsOf, unlistedModel } from "#domain/catalog.ts";
import type { ModelRow } from "#domain/model-row.ts";
import { firstModel, modelStatus, resolveModel, routedSavings } from "#domain/models.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const LATER = new Date("2028-01-01T00:00:00Z");

const price = z.number().int().positive();
const rate = {
  priceInMicroUsd: price,
  priceCachedMicroUsd: price,
  priceOutMicroUsd: price,
  priceCacheWriteMicroUsd: price.optional(),
  priceCacheWriteLongMicroUsd: price.optional(),
};
const day = z.iso.date();
const row = z.strictObject({
  provider: z.string(),
  id: z.string().regex(/^[a-z0-9.-]+$/),
  name: z.string().min(2),
  tier: z.enum(["fast", "standard", "premium"]),
  apiId: z.string().min(1),
  openrouterId: z
    .string()
    .regex(/^[a-z-]+\/[a-z0-9.-]+$/)
    .nullable(),
  contextTokens: z.number().int().positive(),
  outputTokens: z.number().int().positive(),
  images: z.boolean(),
  prices: z
    .strictObject({ ...rate, longContext: z.strictObject({ ...rate, aboveTokens: price }).optional() })
    .nullable(),
  shutdownAt: day.nullable(),
  replacement: z.string().nullable(),
  verifiedAt: day,
  kept: z.string().optional(),
  note: z.string().optional(),
});

test("each line has the form of a line, and a name of its own", () => {
  expect(z.array(row).safeParse(MODEL_ROWS).error?.issues ?? []).toEqual([]);
  for (const { models } of CATALOG) {
    const names = models.flatMap((model) => [...new Set([model.id, model.apiId])]);
    expect(new Set(names).size).toBe(names.length);
  }
});

/** The sixteen models that Studio promises, by provider and tier. */
const PROMISED: Record<string, Record<string, string[]>> = {
  xai: { fast: ["Grok Code Fast", "Grok 4.1 Fast"], standard: ["Grok 4", "Grok 3"] },
  anthropic: {
    fast: ["Claude Haiku 4.5"],
    standard: ["Claude Sonnet 4", "Claude Sonnet 4.6"],
    premium: ["Claude Opus 4.6"],
  },
  openai: { fast: ["GPT-4.1 Mini", "o4 Mini"], standard: ["GPT-4.1", "GPT-5"], premium: ["o3"] },
  google: { fast: ["Gemini 2.5 Flash"], standard: ["Gemini 2.5 Pro"], premium: ["Gemini 3 Pro"] },
};
const promised = Object.entries(PROMISED).flatMap(([provider, tiers]) =>
  Object.entries(tiers).map(([tier, names]) => ({ provider, tier, names })),
);

test("the sixteen promised models are there", () => {
  expect(promised.flatMap(({ names }) => names)).toHaveLength(16);
});

test.each(promised)("$provider has its $tier models, and one of them answers now and later", (wanted) => {
  const models = CATALOG.find((p) => p.id === wanted.provider)?.models.filter((m) => m.tier === wanted.tier);
  expect(models?.map((model) => model.name)).toEqual(expect.arrayContaining(wanted.names));
  for (const now of [NOW, LATER])
    expect(models?.some((model) => modelStatus(model, now) !== "retired")).toBe(true);
});

test("a model with an end has a replacement that answers after it", () => {
  for (const { id: provider, models } of CATALOG)
    for (const model of models) {
      expect(model.shutdownAt === null, model.id).toBe(model.replacement === null);
      const resolved = resolveModel(provider, model.id, LATER);
      expect(resolved.ok && modelStatus(resolved.model, LATER), model.id).toBe("active");
    }
});

test("a model's status is a matter of the date", () => {
  const model = { shutdownAt: "2026-12-11" };
  expect(modelStatus(model, new Date("2026-12-10T23:59:59Z"))).toBe("deprecated");
  expect(modelStatus(model, new Date("2026-12-11T00:00:00Z"))).toBe("retired");
  expect(modelStatus({ shutdownAt: null }, LATER)).toBe("active");
});

test("what is retired gives its replacement, and says so", () => {
  const resolved = resolveModel(DEFAULT_MODEL.provider, DEFAULT_MODEL.model, NOW);
  expect(resolved).toMatchObject({
    ok: true,
    requestedModel: "grok-4-1-fast",
    model: { id: "grok-4.3" },
    notice: "xAI has retired Grok 4.1 Fast on 2026-05-15, so Grok 4.3 is used instead.",
  });
  expect(resolveModel("openai", "gpt-5", NOW)).toMatchObject({ model: { id: "gpt-5" }, notice: null });
});

test.each([
  ["anthropic", "claude-sonnet-4", "claude-sonnet-4"],
  ["anthropic", "anthropic/claude-sonnet-4", "claude-sonnet-4"],
  ["anthropic", "claude-sonnet-4-20250514", "claude-sonnet-4"],
  ["xai", "x-ai/grok-4.3", "grok-4.3"],
  ["xai", "xai/grok-4-0709", "grok-4"],
  ["google", "google/gemini-3-pro-preview", "gemini-3-pro"],
])("%s takes the name %s", (provider, asked, id) => {
  expect(resolveModel(provider, asked, new Date("2026-01-01T00:00:00Z"))).toMatchObject({
    requestedModel: id,
    model: { id },
  });
});

test.each([
  ["mistral", "grok-4.3", "unknown_provider"],
  ["xai", "gpt-5", "unknown_model"],
  ["xai", "openai/grok-4.3", "unknown_model"],
  ["xai", "", "unknown_model"],
  ["xai", "xai/", "unknown_model"],
  ["constructor", "__proto__", "unknown_provider"],
])("%s has no %s", (provider, model, reason) => {
  expect(resolveModel(provider, model, NOW)).toEqual({ ok: false, reason });
});

test("a circle of replacements ends", () => {
  const [provider] = CATALOG;
  const ends = { shutdownAt: "2026-01-01" };
  const [a, b] = provider!.models;
  const models = [
    { ...a!, ...ends, id: "a", replacement: "b" },
    { ...b!, ...ends, id: "b", replacement: "a" },
  ];
  expect(resolveModel(provider!.id, "a", NOW, [{ ...provider!, models }])).toMatchObject({
    model: { id: "a" },
    notice: null,
  });
});

test("a provider starts with its fast model that lasts", () => {
  const first = CATALOG.map((provider) => firstModel(provider, NOW)?.id);
  expect(first).toEqual(["grok-4.3", "claude-haiku-4-5", "gpt-6-luna", "gemini-3.5-flash-lite", "demo"]);
});

test("a model without a price is billed at its provider's dearest, and is marked so", () => {
  const [known] = MODEL_ROWS.filter((line) => line.id === "claude-opus-4-6");
  const [cheap] = MODEL_ROWS.filter((line) => line.id === "claude-haiku-4-5");
  const unknown: ModelRow = { ...cheap!, id: "claude-next", apiId: "claude-next", prices: null };
  expect(
    modelsOf("anthropic", [known!, cheap!, unknown]).find((model) => model.id === "claude-next"),
  ).toMatchObject({
    priceVerified: false,
    priceInMicroUsd: 10_000_000,
    priceCachedMicroUsd: 1_000_000,
    priceOutMicroUsd: 37_500_000,
    priceCacheWriteMicroUsd: 12_500_000,
    priceCacheWriteLongMicroUsd: 20_000_000,
  });
  const limits = { id: "local", name: "Local", contextTokens: 8_000, outputTokens: 1_000 };
  expect(unlistedModel("my-endpoint", limits)).toMatchObject({
    priceVerified: false,
    unpriced: true,
    priceOutMicroUsd: 0,
  });
  const own = { priceInMicroUsd: 1, priceCachedMicroUsd: 1, priceOutMicroUsd: 2 };
  expect(unlistedModel("my-endpoint", { ...limits, prices: own })).toMatchObject({
    ...own,
    priceVerified: true,
  });
});

test("what a replacement saves follows from both list prices, and is left out where one is not known", () => {
  const [provider] = CATALOG;
  const [base] = provider!.models;
  const priced = (id: string, priceInMicroUsd: number, priceOutMicroUsd: number, more = {}) => ({
    ...base!,
    id,
    priceInMicroUsd,
    priceOutMicroUsd,
    priceVerified: true,
    ...more,
  });
  const catalog = [
    {
      ...provider!,
      id: "p",
      models: [
        priced("dear", 3_000_000, 15_000_000),
        priced("cheap", 250_000, 2_000_000),
        priced("guessed", 1, 1, { priceVerified: false }),
        priced("own", 0, 0, { unpriced: true }),
      ],
    },
  ];
  const saves = (asked: string, chosen: string, at = "p") => routedSavings(at, { asked, chosen }, catalog);
  expect(saves("dear", "cheap")).toBe(15_750_000);
  expect(saves("cheap", "dear")).toBe(-15_750_000);
  expect(saves("dear", "dear")).toBe(0);
  for (const other of ["guessed", "own", "nowhere"]) {
    expect(saves("dear", other)).toBeUndefined();
    expect(saves(other, "cheap")).toBeUndefined();
  }
  expect(saves("dear", "cheap", "elsewhere")).toBeUndefined();
});
