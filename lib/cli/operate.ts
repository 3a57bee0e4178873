import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseOptions } from "./up/options.ts";
import { loadSecrets } from "./up/secrets.ts";
import { webEnvironment } from "./up/services.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** The operator's commands and the worker: each is a program of the server's own, run with its settings. */
const COMMANDS: Record<string, string> = {
  "reset-password": "lib/server/auth/reset-password.ts",
  "rotate-keys": "lib/server/keys/rotate.ts",
  credits: "lib/server/billing/grant.ts",
  operator: "lib/server/operator/command.ts",
  doctor: "lib/server/doctor/main.ts",
  worker: "lib/server/worker/main.ts",
};

/**
 * The settings as they stand in the environment; without any, those of the Studio that `npm start` runs on this
 * machine, for which its own options (`--data`, `--convex-port`) may be given.
 */
function settings(startOptions: string[]): NodeJS.ProcessEnv {
  if (process.env.STUDIO_SIGNING_KEY) return process.env;
  const options = parseOptions(startOptions);
  if (!fs.existsSync(path.join(options.data, "secrets.json"))) {
    console.error(
      `There is no Studio in ${options.data}, and the environment has no settings (.env.example). Name its folder with --data.`,
    );
    process.exit(2);
  }
  return { ...process.env, ...webEnvironment(options, loadSecrets(options.data)) };
}

const [command = "", ...rest] = process.argv.slice(2);
const program = COMMANDS[command];
if (program === undefined) {
  console.error(`There is no command “${command}”. There are: ${Object.keys(COMMANDS).join(", ")}.`);
  process.exit(2);
}
const START_OPTIONS = new Set([
  "--data",
  "--port",
  "--public-url",
  "--convex-port",
  "--site-port",
  "--sandbox-port",
  "--model-port",
]);
const own: string[] = [];
const startOptions: string[] = [];
for (let index = 0; index < rest.length; index += 1) {
  const word = rest[index] ?? "";
  if (START_OPTIONS.has(word)) startOptions.push(word, rest[(index += 1)] ?? "");
  else own.push(word);
}
const env = settings(startOptions);
const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...own], {
  cwd: root,
  env,
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.once("exit", (code) => process.exit(code ?? 1));
