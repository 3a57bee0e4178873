import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { agentModels } from "#cli/catalog/agent-models.ts";
import { compare } from "#cli/catalog/compare.ts";
import { readSnapshot } from "#cli/catalog/snapshot.ts";
import { MODEL_ROWS } from "#domain/catalog.ts";

const BINARY = path.resolve("node_modules/opencode-linux-x64/bin/opencode");

test("the catalog agrees with the pinned agent's list, but where a line gives a reason", () => {
  const snapshot = readSnapshot(BINARY, ["xai", "anthropic", "openai", "google"]);
  for (const models of snapshot.values()) expect(models.size).toBeGreaterThan(3);
  const rows = MODEL_ROWS.filter((row) => row.provider !== "demo");
  const compared = compare(rows, snapshot, "2026-11-20");
  const wrong = compared
    .filter(({ row }) => row.kept === undefined)
    .flatMap(({ row, differences }) => differences.map((difference) => ({ model: row.id, ...difference })));
  expect(wrong).toEqual([]);
  const active = compared.filter(({ row }) => row.shutdownAt === null);
  expect(active.filter(({ listed }) => !listed)).toEqual([]);
});

test("agents in sandboxes read the part of the pinned agent's list that sessions can be set to", () => {
  const kept: unknown = JSON.parse(fs.readFileSync("sandbox-template/models.json", "utf8"));
  expect(kept).toEqual(JSON.parse(agentModels(BINARY)));
});
