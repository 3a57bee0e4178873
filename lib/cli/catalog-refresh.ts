import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { CATALOG, MODEL_ROWS } from "#domain/catalog.ts";
import { compare, report } from "./catalog/compare.ts";
import { agentModels } from "./catalog/agent-models.ts";
import { readSnapshot } from "./catalog/snapshot.ts";

const root = path.resolve(import.meta.dirname, "../..");
const BINARY = path.join(root, "node_modules/opencode-linux-x64/bin/opencode");
const DATA = path.join(root, "lib/domain/models.json");
const AGENT_DATA = path.join(root, "sandbox-template/models.json");
const USAGE = `Compares lib/domain/models.json with the model list inside the pinned agent.
Usage: npm run catalog:refresh [-- --write] [-- --binary <opencode>]
  --write    take the list's limits and prices over, except on lines with a reason in "kept"; then read the diff.
             Also writes sandbox-template/models.json, the part of that list which agents in sandboxes read`;

function main(): void {
  const { values } = parseArgs({
    options: {
      write: { type: "boolean", default: false },
      binary: { type: "string", default: BINARY },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  // The demo model is Studio's own.
  const providers = CATALOG.map(({ id }) => id).filter((id) => id !== "demo");
  const rows = MODEL_ROWS.filter((row) => providers.includes(row.provider));
  const now = new Date();
  const compared = compare(rows, readSnapshot(values.binary, providers), now.toISOString().slice(0, 10));
  for (const line of report(compared, now)) process.stdout.write(`${line}\n`);
  if (!values.write) return;
  const updated = new Map(compared.map((one) => [one.row, one.updated]));
  const all = MODEL_ROWS.map((row) => updated.get(row) ?? row);
  fs.writeFileSync(DATA, `${JSON.stringify(all, null, 2)}\n`);
  fs.writeFileSync(AGENT_DATA, agentModels(values.binary));
  process.stdout.write("Written. Read `git diff lib/domain/models.json` before it is committed.\n");
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
