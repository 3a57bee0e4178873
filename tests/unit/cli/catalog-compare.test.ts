import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compare, pricesOf, report } from "#cli/catalog/compare.ts";
import { type ListedModel, readSnapshot } from "#cli/catalog/snapshot.ts";
import type { ModelRow } from "#domain/model-row.ts";

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "catalog-"));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function binary(text: string): string {
  const file = path.join(folder, `agent-${Math.random()}`);
  fs.writeFileSync(file, Buffer.concat([Buffer.from([0, 0xff, 0x22]), Buffer.from(text), Buffer.from([0])]));
  return file;
}

const LISTED = `{models:{}}},acme:{id:"acme",env:["K"],doc:'it\\'s {here',models:{"m-1":{id:"m-1",name:"Mödel \\"one\\" }",tool_call:!0,reasoning:!1,limit:{context:1e6,output:64000},cost:{input:3,output:15,cache_read:0.30000000000000004,cache_write:3.75,tiers:[{input:6,output:22.5,tier:{type:"context",size:200000}}]}}}},other:{id:"other",env:[]`;

test("reads a provider's list out of a bundle as plain data", () => {
  const models = readSnapshot(binary(LISTED), ["acme"]).get("acme");
  expect([...(models?.keys() ?? [])]).toEqual(["m-1"]);
  expect(models?.get("m-1")).toMatchObject({
    name: 'Mödel "one" }',
    tool_call: true,
    limit: { context: 1_000_000, output: 64_000 },
  });
});

test.each([
  ["no list", "nothing here", "has no list of acme's models"],
  ["a list without an end", LISTED.slice(0, -60).replace("}}}}", ""), "has no end"],
  ["code instead of data", LISTED.replace("context:1e6", "context:run()"), "not plain data"],
  ["another form", LISTED.replace("context:1e6", 'context:"many"'), "expected number"],
])("says what is wrong with %s", (_, text, message) => {
  expect(() => readSnapshot(binary(text), ["acme"])).toThrow(message);
});

const listed = (overrides: Partial<ListedModel> = {}): ListedModel => ({
  id: "m-1",
  name: "M",
  limit: { context: 1_000, output: 100 },
  modalities: { input: ["text", "image"] },
  cost: { input: 3, output: 15, cache_read: 0.3 },
  ...overrides,
});
const row: ModelRow = {
  provider: "acme",
  id: "m",
  name: "M",
  tier: "fast",
  apiId: "m-1",
  openrouterId: null,
  contextTokens: 1_000,
  outputTokens: 100,
  images: true,
  prices: { priceInMicroUsd: 3_000_000, priceCachedMicroUsd: 300_000, priceOutMicroUsd: 15_000_000 },
  shutdownAt: null,
  replacement: null,
  verifiedAt: "2026-01-01",
};
const NOW = new Date("2026-11-20T00:00:00Z");
const against = (rows: ModelRow[], model?: ListedModel) =>
  compare(rows, new Map([["acme", new Map(model ? [["m-1", model]] : [])]]), "2026-11-20");

test("takes prices over as whole micro-USD, an hour's cache write at Anthropic included", () => {
  const cost = { input: 3, output: 15, cache_read: 0.30000000000000004, cache_write: 3.75 };
  const tiers = [{ input: 6, output: 22.5, tier: { type: "context", size: 200_000 } }];
  expect(pricesOf("anthropic", listed({ cost: { ...cost, tiers } }))).toEqual({
    priceInMicroUsd: 3_000_000,
    priceCachedMicroUsd: 300_000,
    priceOutMicroUsd: 15_000_000,
    priceCacheWriteMicroUsd: 3_750_000,
    priceCacheWriteLongMicroUsd: 6_000_000,
    longContext: {
      aboveTokens: 200_000,
      priceInMicroUsd: 6_000_000,
      priceCachedMicroUsd: 6_000_000,
      priceOutMicroUsd: 22_500_000,
      priceCacheWriteLongMicroUsd: 12_000_000,
    },
  });
  expect(pricesOf("acme", { ...listed(), cost: undefined })).toBeNull();
});

test("a line that agrees is verified again, and nothing is said of it", () => {
  const compared = against([row], listed());
  expect(compared[0]?.updated).toEqual({ ...row, verifiedAt: "2026-11-20" });
  expect(report(compared, NOW)).toEqual(["No difference. 1 models, 0 of them not in the agent's list."]);
});

test("a line that differs gets the list's figures, unless a reason keeps it", () => {
  const changed = listed({
    cost: { input: 4, output: 15, cache_read: 0.3 },
    limit: { context: 2_000, output: 100 },
  });
  const [plain, kept] = against([row, { ...row, id: "k", kept: "It is so." }], changed);
  expect(plain?.updated).toMatchObject({ contextTokens: 2_000, prices: { priceInMicroUsd: 4_000_000 } });
  expect(kept?.updated).toBe(kept?.row);
  expect(report([plain!, kept!], NOW)).toEqual([
    "acme/m: contextTokens 1000 → 2000",
    "acme/m: priceInMicroUsd 3000000 → 4000000",
    "acme/k: contextTokens 1000 → 2000",
    "acme/k: priceInMicroUsd 3000000 → 4000000",
    "  kept: It is so.",
    "2 models, 0 of them not in the agent's list.",
  ]);
});

test("a model that the list has lost is told, unless its end has passed; its price stays", () => {
  expect(report(against([row]), NOW)[0]).toBe("acme/m: the agent's list does not have it");
  expect(report(against([{ ...row, shutdownAt: "2026-11-20" }]), NOW)[0]).toMatch(/^No difference/);
  expect(against([row], { ...listed(), cost: undefined })[0]?.updated.prices).toEqual(row.prices);
});
