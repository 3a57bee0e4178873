/**
 * `npm run bench:ready [-- --json] [--rounds N]`: from the click until a session is ready, with an agent that was warm
 * and with one that was not, beside bare OpenCode on the same machine in the same run. It informs: it fails only where
 * it cannot measure.
 */
import fs from "node:fs";
import os from "node:os";
import { parseArgs } from "node:util";
import { Api } from "#tests/api.ts";
import { descendantsWith } from "#tests/processes.ts";
import { Stack } from "#tests/stack.ts";
import { timeBareAgent } from "./bare-agent.ts";
import { type Figure, median, percentile, report, table } from "./figures.ts";
import { timeSession } from "./ready.ts";

const WARM_MS = 180_000;
const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "10" } },
});
const rounds = Number(values.rounds);
const progress = (line: string) => process.stderr.write(`${line}\n`);

async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + WARM_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const restartWith = async (stack: Stack, warm: number) => {
  await stack.kill("web", "SIGTERM");
  stack.env("web").STUDIO_WARM_AGENTS = String(warm);
  await stack.restart("web");
};

/** Memory of a sandbox's bridge and OpenCode, which nothing else of the host is: its share of what it has with others. */
function agentMb(stack: Stack): number {
  const bytes = descendantsWith(stack.pids()["sandboxes"] ?? 0, "opencode").map((pid) => {
    const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
  });
  return bytes.reduce((sum, one) => sum + one, 0) / 2 ** 20;
}

interface Measured {
  click: number[];
  agent: number[];
  bare: number[];
  memory: number[];
}

/** Sessions and bare agents in turns, behind one round of each for warmth. */
async function measure(stack: Stack, api: Api, isWarm: boolean): Promise<Measured> {
  const found: Measured = { click: [], agent: [], bare: [], memory: [] };
  const modelUrl = stack.env("web").DEMO_MODEL_URL ?? "";
  for (let round = 0; round <= rounds; round++) {
    // Before anything is timed, so that its start holds up neither.
    const waiting = isWarm ? await eventually("an agent is warm", async () => (await stack.warm())[0]) : null;
    const memory = isWarm ? agentMb(stack) : 0;
    const bare = await timeBareAgent(modelUrl);
    const { total, agent, sandboxId } = await timeSession(api);
    if (isWarm && sandboxId !== waiting) throw new Error("The session did not get the agent that was warm.");
    progress(`  ${isWarm ? "warm" : "cold"} ${total.toFixed(0)} ms, bare ${bare.toFixed(0)} ms`);
    if (round === 0) continue;
    found.click.push(total);
    found.agent.push(agent);
    found.bare.push(bare);
    found.memory.push(memory);
  }
  return found;
}

function figures(name: string, { click, agent, bare }: Measured, aims: [number, number]): Figure[] {
  const note = `OpenCode's own session ${median(agent).toFixed(0)} ms; ${rounds} rounds`;
  return [0.5, 0.95].map((part, index) => ({
    name: `click → ready, ${name}, p${part * 100}`,
    unit: "ms",
    measured: percentile(click, part),
    baseline: percentile(bare, part),
    against: "ratio",
    aim: aims[index] ?? 0,
    note,
  }));
}

const load = () => os.loadavg()[0]?.toFixed(1);
progress(`The machine's load is ${load()} on ${os.cpus().length} cores.`);
const stack = await Stack.start();
let measured: Figure[];
try {
  const api = Api.withKey(stack.url.replace("localhost", "127.0.0.1"), stack.credentials.apiKey);
  await restartWith(stack, 1);
  const warm = await measure(stack, api, true);
  await restartWith(stack, 0);
  const cold = await measure(stack, api, false);
  measured = [
    ...figures("cold", cold, [1.5, 2]),
    ...figures("warm", warm, [0.5, 1]),
    {
      name: "one warm agent, memory",
      unit: "MB",
      measured: median(warm.memory),
      aim: 512,
      note: "OpenCode and the bridge; none with STUDIO_WARM_AGENTS=0",
    },
  ];
} finally {
  await stack.stop();
}
progress(`The load is ${load()} now.\n`);
const shown = `${table(measured)}\n`;
if (values.json) progress(shown);
process.stdout.write(values.json ? `${JSON.stringify(report(measured), null, 2)}\n` : shown);
// Clients of the live queries keep their connections open.
process.exit(0);
