import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MODEL_ROWS } from "#domain/catalog.ts";
import { DEFAULT_SETTINGS } from "#domain/settings.ts";
import type { Means } from "#server/catalog.ts";
import type { priceList as PriceList } from "#server/price-list.ts";

/** The settings that a server must have: the example's, which have no way to any provider. */
const SETTINGS = parseEnv(
  fs.readFileSync(path.resolve(import.meta.dirname, "../../../.env.example"), "utf8"),
) as Record<string, string>;
let priceList: typeof PriceList;

beforeEach(async () => {
  vi.resetModules();
  for (const [name, value] of Object.entries(SETTINGS)) vi.stubEnv(name, value);
  ({ priceList } = await import("#server/price-list.ts"));
});
afterEach(() => vi.unstubAllEnvs());

const NOW = new Date("2026-11-30T12:00:00Z");
const means = (keys: string[] = []): Means =>
  ({
    creditsMicroUsd: 0,
    settings: DEFAULT_SETTINGS,
    keys: keys.map((provider) => ({ provider, name: provider, status: "active" })),
  }) as unknown as Means;
const all = (keys?: string[]) => priceList(means(keys), NOW).flatMap(({ models }) => models);

test("without any key, every model is there with what it needs", () => {
  const models = all();
  expect(models).toHaveLength(MODEL_ROWS.filter(({ provider }) => provider !== "demo").length);
  expect(models.every(({ needs }) => needs.kind === "key")).toBe(true);
});

test("with a key, its provider's models are paid with it, and no others", () => {
  const list = priceList(means(["xai"]), NOW);
  expect(list.map(({ id, models }) => [id, ...new Set(models.map(({ needs }) => needs.kind))])).toEqual([
    ["xai", "direct"],
    ["anthropic", "key"],
    ["openai", "key"],
    ["google", "key"],
  ]);
});

test("a key of OpenRouter serves what OpenRouter has", () => {
  const openrouter = all(["openrouter"]);
  for (const { id, needs } of openrouter) {
    const onOpenrouter = MODEL_ROWS.find((row) => row.id === id)?.openrouterId != null;
    expect(needs, id).toEqual(onOpenrouter ? { kind: "openrouter" } : { kind: "key", onOpenrouter: false });
  }
});

test("one that has ended names what replaces it, and the difference in price", () => {
  const old = all().find(({ id }) => id === "grok-code-fast-1");
  const next = all().find(({ id }) => id === "grok-4.3");
  expect(old).toMatchObject({ status: "retired", replacement: { name: next?.name } });
  expect((old?.prices.inMicroUsd ?? 0) + (old?.replacement?.inMicroUsd ?? 0)).toBe(next?.prices.inMicroUsd);
});
