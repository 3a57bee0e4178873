/**
 * `npm run sandbox:demo`: makes a sandbox as sessions get them, and shows what a program in it is refused, by the kernel
 * and not by a question. Needs no running Studio. Ends with 1 where a wall did not hold.
 */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { Sandbox } from "e2b";
import { z } from "zod";
import { WALL_CHECKS, WALL_IDS, wallReason } from "#domain/walls.ts";
import { buildTemplate } from "./up/build.ts";
import { signalGroup, startNode } from "./up/child.ts";

const root = path.resolve(import.meta.dirname, "../..");
/** Of the addresses of its ports, which nobody asks for here. */
const DOMAIN = "localhost";
/** Enough for the agent; what is beyond it takes no time to try. */
const MEMORY_MB = 1_024;
const READY_MS = 30_000;
const TRIED_MS = 70_000;
const ready = z.object({ url: z.string() });
const facts = z.object({
  isolation: z.object({ limits: z.object({ memoryMb: z.object({ heldBy: z.string() }) }) }),
});
const outcomes = z.array(
  z.object({ id: z.enum(WALL_IDS), held: z.boolean().nullable(), codes: z.array(z.string()) }),
);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<boolean> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-demo-"));
  const apiKey = `e2b_${randomBytes(20).toString("hex")}`;
  // A service of this machine that no sandbox may reach, whatever else listens here.
  const service = net.createServer((socket) => socket.end());
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  const { port } = service.address() as net.AddressInfo;
  say("\nA sandbox is made, as for a session …");
  await buildTemplate(root, path.join(folder, "template"), true);
  const host = startNode(
    [
      "lib/sandbox-host/main.ts",
      "--port",
      "0",
      "--data",
      path.join(folder, "sandboxes"),
      "--domain",
      DOMAIN,
      "--memory-mb",
      String(MEMORY_MB),
      "--template",
      `studio=${path.join(folder, "template")}`,
    ],
    { cwd: root, env: { ...process.env, E2B_API_KEY: apiKey }, output: "pipe" },
  );
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the sandbox host was not ready in time")), READY_MS);
      let said = "";
      host.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-2_000);
      });
      host.once("exit", (code) => reject(new Error(`the sandbox host ended with ${code}: ${said}`)));
      if (host.stdout)
        readline.createInterface({ input: host.stdout }).once("line", (line) => {
          clearTimeout(timer);
          resolve(ready.parse(JSON.parse(line)).url);
        });
    });
    const sdk = { apiUrl: url, sandboxUrl: url, domain: DOMAIN, apiKey };
    const sandbox = await Sandbox.create("studio", {
      ...sdk,
      timeoutMs: 2 * TRIED_MS,
      network: { denyOut: ["0.0.0.0/0"], allowPublicTraffic: false },
    });
    // Its memory is what nobody else may read.
    await sandbox.commands.run("exec opencode serve --port 4096", {
      background: true,
      cwd: "/workspace",
      timeoutMs: 2 * TRIED_MS,
    });
    const told = await fetch(`${url}/sandboxes/${sandbox.sandboxId}`, { headers: { "x-api-key": apiKey } });
    const { heldBy } = facts.parse(await told.json()).isolation.limits.memoryMb;
    const { stdout } = await sandbox.commands.run("exec node /opt/studio/agent/walls.mjs", {
      envs: {
        STUDIO_PORTS: [port, new URL(url).port].join(","), // Where nothing holds it, nothing is to be taken from the machine.
        STUDIO_MEMORY_MB: heldBy === "none" ? "" : String(MEMORY_MB),
      },
      timeoutMs: TRIED_MS,
    });
    const tried = outcomes.parse(JSON.parse(stdout));
    for (const { id, held, codes } of tried) {
      const { title, attempt } = WALL_CHECKS[id];
      const what = held === null ? "not tried " : held ? "refused   " : "WENT THROUGH";
      say(`\n  ${what}  ${title}: ${attempt.charAt(0).toLowerCase()}${attempt.slice(1)}`);
      for (const code of codes) say(`              ${wallReason(code)} (${code})`);
    }
    await sandbox.kill();
    const broken = tried.filter(({ held }) => held === false).length;
    const untried = tried.filter(({ held }) => held === null).map(({ id }) => WALL_CHECKS[id].title);
    if (untried.length > 0)
      say(`\nNot tried, since nothing on this machine enforces it for this user: ${untried.join(", ")}.`);
    say(
      broken === 0
        ? "\nEvery attempt was refused.\n"
        : `\n${broken} of ${tried.length} attempts were not refused.\n`,
    );
    return broken === 0 && tried.length === WALL_IDS.length;
  } finally {
    service.close();
    if (host.pid !== undefined && host.exitCode === null) {
      const ended = new Promise((resolve) => host.once("exit", resolve));
      signalGroup(host.pid, "SIGTERM");
      await ended;
    }
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

process.exit((await main()) ? 0 : 1);
