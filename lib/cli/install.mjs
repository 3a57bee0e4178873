// Packages by their lockfiles, for `npm start` and `npm test`. Plain JavaScript that Node 18 can read.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

/** The packages of the sandboxes' own tools have a lockfile of their own: people can do without them. */
export const SANDBOX_TOOLS = "sandbox-template/tools";

// npm's own pauses between its attempts would hide for over a minute that there is no network.
const PAUSES = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000"];

/**
 * Installs a folder's packages where its lockfile is not the one that was installed last.
 * @param {string} folder absolute
 * @param {string} sign a file below `node_modules` that is there where the installation is whole
 * @param {string[]} options more of `npm ci`'s
 * @returns {{done: "up to date" | "installed"} | {error: Error} | {output: string}} `output`: npm's words where it failed
 */
export function installPackages(folder, sign, options = []) {
  const modules = path.join(folder, "node_modules");
  const stamp = path.join(modules, ".studio-lock");
  const wanted = createHash("sha256")
    .update(fs.readFileSync(path.join(folder, "package-lock.json")))
    .digest("hex");
  const whole = () => fs.existsSync(path.join(modules, sign));
  if (whole() && fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted)
    return { done: "up to date" };
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const result = spawnSync("npm", ["ci", ...quiet, ...PAUSES, ...options], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  if (result.error) return { error: result.error };
  if (result.status !== 0 || !whole()) return { output: `${result.stdout ?? ""}${result.stderr ?? ""}` };
  fs.writeFileSync(stamp, wanted);
  return { done: "installed" };
}

/** As {@link installPackages}, of the sandboxes' tools. None of them needs its install script. @param {string} root */
export const installSandboxTools = (root) =>
  installPackages(path.join(root, SANDBOX_TOOLS), "npm/bin/npm-cli.js", ["--ignore-scripts"]);
