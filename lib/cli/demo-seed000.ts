/**
 * `npm run demo:seed000 -- [--data .studio]`: walks through chapter 7.5 of the guide against a Studio that `npm start` has
 * started on this machine: a session, its skill roots, a skill, a run that names it, its events, and its approvals.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

const root = path.resolve(import.meta.dirname, "../..");

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

function credentialsIn(data: string): { url: string; apiKey: string } {
  try {
    const { url, apiKey } = JSON.parse(
      fs.readFileSync(path.join(data, "credentials.json"), "utf8"),
    ) as Record<string, unknown>;
    if (typeof url === "string" && typeof apiKey === "string") return { url, apiKey };
  } catch {
    // It is told below.
  }
  return fail(
    `There's no Studio in ${data}. Start one first: STUDIO_LLM_BACKEND=fake npm start. With another folder of data, name it: --data.`,
  );
}

const { values } = parseArgs({ options: { data: { type: "string", default: ".studio" } }, strict: true });
const { url, apiKey } = credentialsIn(path.resolve(values.data));
const reachable = await fetch(`${url}/api/v1/health`).then(
  ({ ok }) => ok,
  () => false,
);
if (!reachable) fail(`Studio doesn't respond at ${url}. Start it: STUDIO_LLM_BACKEND=fake npm start.`);
const { status } = spawnSync("bash", [path.join(root, "tests/chapter-7-5.sh")], {
  stdio: "inherit",
  env: { ...process.env, STUDIO_URL: url, STUDIO_API_KEY: apiKey },
});
process.exit(status ?? 1);
