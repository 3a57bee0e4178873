import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { statusResponse } from "#contracts/routes/system.ts";
import { WARM_MB } from "#domain/capacity.ts";
import { buildTemplate, buildWeb } from "./build.ts";
import { checkData, claimData } from "./claim.ts";
import { loadEnvFile } from "./env-file.ts";
import { firstOwner, tellWayIn } from "./first-owner.ts";
import { checkPublic, HELP, parseOptions, StartFailure, type UpOptions } from "./options.ts";
import { loadSecrets, refuseLostSecrets } from "./secrets.ts";
import { publicUrl, services } from "./services.ts";
import { Supervisor } from "./supervisor.ts";

/** The status responds within two seconds. */
const STATUS_MS = 5_000;
const root = path.resolve(import.meta.dirname, "../../..");

/** A step of the start, with its name and seconds. */
async function step<T>(name: string, work: () => Promise<T>, done: (result: T) => string): Promise<T> {
  const startedAt = Date.now();
  const result = await work();
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`  ${name.padEnd(14)}${done(result).padEnd(44)}${seconds.padStart(6)} s`);
  return result;
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(false);
      else reject(error);
    });
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

async function checkPorts(ports: UpOptions["ports"]): Promise<void> {
  const flags = {
    web: "port",
    convex: "convex-port",
    site: "site-port",
    sandbox: "sandbox-port",
    model: "model-port",
    preview: "preview-port",
    worker: "worker-port",
    stripe: "stripe-port",
  };
  for (const [name, port] of Object.entries(ports))
    if (!(await isFree(port))) {
      const flag = flags[name as keyof typeof flags];
      throw new StartFailure(
        `port ${port} is in use. Choose another one: npm start -- --${flag} ${port + 1}`,
      );
    }
}

/** Restarts the runtime where what it was built from has changed; the web server reloads by itself. */
function watchConvex(supervisor: Supervisor): void {
  let timer: NodeJS.Timeout | undefined;
  for (const folder of ["convex", "lib/domain"])
    fs.watch(path.join(root, folder), { recursive: true }, (_event, name) => {
      if (!name || name.includes("_generated")) return;
      clearTimeout(timer);
      timer = setTimeout(() => supervisor.restart("data"), 300);
    });
}

/** How many sandboxes this machine has room for, as a line to read; null where nobody says. */
async function roomFor(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/api/v1/status`, { signal: AbortSignal.timeout(STATUS_MS) });
    const { sandboxes } = statusResponse.parse(await response.json());
    if (!sandboxes) return null;
    const { max, warm } = sandboxes;
    const live = max === null ? "any number at once" : `at most ${max} at once`;
    const kept = warm === 0 ? "none kept warm" : `${warm} of them warm, about ${WARM_MB} MB each`;
    return `Sandboxes: ${live}, ${kept} (STUDIO_MAX_SANDBOXES, STUDIO_WARM_AGENTS).`;
  } catch {
    // It says nothing that a start depends on.
    return null;
  }
}

async function main(): Promise<void> {
  const startedAt = Date.now();
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(HELP);
  // Whoever starts Studio twice hears so, and not that its port is in use; nothing has been changed until here.
  loadEnvFile(root);
  checkPublic(options, process.env);
  checkData(options);
  await checkPorts(options.ports);
  const pidFile = claimData(options);
  let secrets;
  try {
    if (!options.newSecrets) refuseLostSecrets(options.data);
    secrets = loadSecrets(options.data);
  } catch (error) {
    fs.rmSync(pidFile, { force: true });
    throw error;
  }
  const supervisor = new Supervisor({
    root,
    logs: path.join(options.data, "logs"),
    say: (line) => console.log(`  ${new Date().toTimeString().slice(0, 8)}  ${line}`),
  });
  const building = new AbortController();
  let ending = false;
  const end = async (code: number) => {
    if (ending) return;
    ending = true;
    building.abort();
    await supervisor.stop();
    fs.rmSync(pidFile, { force: true });
    process.exit(code);
  };
  const asked = () => {
    if (!ending) console.log("\n  Ending everything …");
    void end(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, asked);
  // The channel to `start.mjs` closes where that one was killed.
  process.once("disconnect", asked);
  try {
    if (!options.dev)
      await step(
        "build",
        async () => await buildWeb(root, building.signal),
        (built) => (built ? "built" : "up to date"),
      );
    await step(
      "template",
      async () => await buildTemplate(root, path.join(options.data, "template"), options.leanSandboxes),
      (holds) => holds,
    );
    const all = services(options, secrets, root);
    await Promise.all(
      all.map(
        async (service) =>
          await step(
            service.name,
            async () => await supervisor.start(service),
            () => `ready at ${new URL(service.readyUrl).host}`,
          ),
      ),
    );
    const url = publicUrl(options);
    const wayIn = await step(
      "organization",
      async () => await firstOwner(options.data, url, `http://127.0.0.1:${options.ports.web}`),
      ({ kind }) => (kind === "made" ? "made" : "found"),
    );
    const room = await roomFor(`http://127.0.0.1:${options.ports.web}`);
    if (options.dev) watchConvex(supervisor);
    console.log(
      [
        "",
        `  Studio is ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s:  ${url}`,
        ...tellWayIn(wayIn, path.relative(process.cwd(), options.data) || ".").map((line) => `  ${line}`),
        ...(room === null ? [] : [`  ${room}`]),
        "  Ctrl-C ends everything.",
        "",
      ].join("\n"),
    );
  } catch (error) {
    // What was asked to end fails on the way; `end` is at work already.
    if (ending) return;
    console.error(`\nStudio did not start: ${error instanceof StartFailure ? error.message : String(error)}`);
    await end(1);
  }
}

main().catch((error: unknown) => {
  console.error(`\nStudio did not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
