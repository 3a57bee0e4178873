/**
 * `npm run bench [-- --json] [memory ready setup files stream gateway runs start project]`: what Studio costs in time and memory, beside
 * what it is compared with. It informs: it fails only where it cannot measure. With `--json` the standard
 * output is JSON alone.
 */
import os from "node:os";
import { parseArgs } from "node:util";
import { Api } from "#tests/api.ts";
import { Stack } from "#tests/stack.ts";
import { type Figure, report, table } from "./figures.ts";
import { turnsAmongFiles } from "./files.ts";
import { gatewayFirstByte } from "./gateway.ts";
import { memory } from "./memory.ts";
import { projectTimes } from "./project.ts";
import { clickToReady } from "./ready.ts";
import { runs } from "./runs.ts";
import { preparedToReady } from "./setup.ts";
import { startTimes } from "./start.ts";
import { sandboxToClient } from "./stream.ts";

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});

/** Parts that need a running Studio, in the order in which they disturb each other least. */
const WITH_STUDIO: Record<string, (stack: Stack, api: Api) => Promise<Figure[]>> = {
  memory: async (stack, api) => await memory(stack, api),
  ready: async (stack, api) => await clickToReady(api, stack.env("web").DEMO_MODEL_URL ?? ""),
  setup: async (_stack, api) => await preparedToReady(api),
  files: async (stack, api) => await turnsAmongFiles(stack, api),
  stream: async (stack, api) => await sandboxToClient(api, stack.credentials.apiKey),
  gateway: async (stack, api) => await gatewayFirstByte(api, stack.env("web")),
  runs: async (_stack, api) => await runs(api),
};
const PARTS = [...Object.keys(WITH_STUDIO), "start", "project"];

const progress = (line: string) => process.stderr.write(`${line}\n`);
const isWanted = (part: string) => positionals.length === 0 || positionals.includes(part);

async function measure(part: string, work: () => Promise<Figure[]>): Promise<Figure[]> {
  const startedAt = performance.now();
  const figures = await work();
  progress(`  ${part.padEnd(10)}${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`);
  return figures;
}

async function withStudio(): Promise<Figure[]> {
  const wanted = Object.entries(WITH_STUDIO).filter(([part]) => isWanted(part));
  if (wanted.length === 0) return [];
  // It calls models as fast as they answer.
  const stack = await Stack.start(async (all) =>
    all.map((service) => ({
      ...service,
      env: { ...service.env, STUDIO_MODEL_CALLS_PER_MINUTE: "100000" },
    })),
  );
  try {
    // Some parts read what the server reads, by its own modules and settings.
    Object.assign(process.env, stack.env("web"));
    const api = Api.withKey(stack.url.replace("localhost", "127.0.0.1"), stack.credentials.apiKey);
    const figures: Figure[] = [];
    for (const [part, work] of wanted)
      figures.push(...(await measure(part, async () => await work(stack, api))));
    return figures;
  } finally {
    await stack.stop();
  }
}

const unknown = positionals.find((part) => !PARTS.includes(part));
if (unknown !== undefined) {
  progress(`There is no part “${unknown}”. There are: ${PARTS.join(", ")}.`);
  process.exit(1);
}
const load = () => os.loadavg()[0]?.toFixed(1);
progress(
  `Measuring ${PARTS.filter(isWanted).join(", ")}; the machine's load is ${load()} on ${os.cpus().length} cores.`,
);
const environment = { ...process.env };
const figures = await withStudio();
process.env = environment;
if (isWanted("start")) figures.push(...(await measure("start", startTimes)));
if (isWanted("project")) figures.push(...(await measure("project", projectTimes)));
progress(`The load is ${load()} now.\n`);
const shown = `${table(figures)}\n`;
if (values.json) progress(shown);
process.stdout.write(values.json ? `${JSON.stringify(report(figures), null, 2)}\n` : shown);
// Clients of the live queries keep their connections open.
process.exit(0);
