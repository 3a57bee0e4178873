// Entry of `npm start` and `npm run dev`. Plain JavaScript that Node 18 can read, so that an old Node gets a sentence,
// not a syntax error. It sees to what the machine must have, then hands over to `up/main.ts` on Node 24.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages, installSandboxTools } from "./install.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const argv = process.argv.slice(2);
const node24 = path.join(root, "node_modules/node/bin/node");

function fail(sentence) {
  console.error(`\nStudio did not start: ${sentence}`);
  process.exit(1);
}

function line(name, what, startedAt) {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`  ${name.padEnd(14)}${what.padEnd(44)}${seconds.padStart(6)} s`);
}

const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) fail(`Node ${process.versions.node} is too old. Install Node 20 or newer.`);
  if (process.platform !== "linux" || process.arch !== "x64")
    fail(
      `the local sandboxes need Linux on x64, and this is ${process.platform} on ${process.arch}. Use a Linux machine, or a container.`,
    );
}

function checkDisk() {
  const { bavail, bsize } = fs.statfsSync(root);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  const neededMb = fs.existsSync(node24) ? 500 : 3300;
  if (freeMb < neededMb)
    fail(`the disk has ${freeMb} MB free, and ${neededMb} MB are needed. Make room, then start again.`);
}

/** @param {string} name of the line @param {string} about what takes long @param {() => object} installing see install.mjs */
function install(name, about, installing) {
  const startedAt = Date.now();
  process.stdout.write(`  ${name.padEnd(14)}${about}\r`);
  const { done, error, output } = installing();
  if (error) fail(`npm could not be run (${error.message}). Install it, then start again.`);
  if (done) return line(name, done, startedAt);
  if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|network/i.test(output))
    fail(
      "the packages could not be downloaded: there is no way to the npm registry. Check the network, then start again.",
    );
  if (/ENOSPC/.test(output)) fail("the disk is full. Make room, then start again.");
  fail(`npm ci failed:\n${output.slice(-2000)}`);
}

const installDependencies = () =>
  install("dependencies", "checking; a new copy takes about a minute …", () =>
    installPackages(root, "node/bin/node"),
  );
/** npm, pnpm, bun and tsc for the sandboxes; without them where people ask for lean ones. */
function installTools() {
  if (argv.includes("--lean-sandboxes")) return;
  install("tools", "checking; a new copy takes about half a minute …", () => installSandboxTools(root));
}

/** The programs that sandboxes are built of and hold: installed by apt-get where that is allowed. */
function systemPackages() {
  const startedAt = Date.now();
  const needed = [
    { program: "bwrap", debian: "bubblewrap" },
    { program: "rg", debian: "ripgrep" },
    { program: "git", debian: "git" },
  ].filter(({ program }) => !has(program));
  if (needed.length === 0) return;
  const names = needed.map(({ debian }) => debian).join(" ");
  const command = `apt-get install -y --no-install-recommends ${names}`;
  if (process.getuid?.() !== 0 || !has("apt-get"))
    fail(`${names} is missing, which the sandboxes need. Install it with: sudo ${command}`);
  const quiet = { encoding: "utf8", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  let result = spawnSync("sh", ["-c", command], quiet);
  if (result.status !== 0) result = spawnSync("sh", ["-c", `apt-get update && ${command}`], quiet);
  if (result.status !== 0)
    fail(
      `${names} is missing and could not be installed. Install it with: ${command}\n${String(result.stderr).slice(-600)}`,
    );
  line("system", `${names} installed`, startedAt);
}

checkNode();
if (!argv.includes("--help")) {
  console.log("\nStudio\n");
  checkDisk();
  installDependencies();
  installTools();
  systemPackages();
} else if (!fs.existsSync(node24)) installDependencies();

const child = spawn(node24, [path.join(root, "lib/cli/up/main.ts"), ...argv], {
  cwd: root,
  // The channel tells the other where this one is killed.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
// This one stays until the other has ended everything. A terminal sends Ctrl-C to both, which does no harm.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  if (signal)
    console.error(`\nStudio ended: its supervisor was ended by ${signal}, and its services with it.`);
  process.exit(code ?? 1);
});
