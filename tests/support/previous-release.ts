import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { Service } from "#cli/up/services.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** The commit of the release before this one: see “Make a release” in CONTRIBUTING.md. */
const COMMIT = "d3cfba7608c99f9265221d957d7b07ed4addafa9";

/** Whether this clone has the release before: one without history doesn't. */
export const hasPreviousRelease =
  spawnSync("git", ["cat-file", "-e", `${COMMIT}^{commit}`], { cwd: root }).status === 0;

const needs = (folder: string): Record<string, string> =>
  (
    JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    }
  ).dependencies;

/** Writes the release before into a folder, with its packages. */
export function unpackPreviousRelease(folder: string): void {
  const archive = execFileSync("git", ["archive", COMMIT], { cwd: root, maxBuffer: 1 << 30 });
  execFileSync("tar", ["x", "-C", folder], { input: archive });
  const ours = needs(root);
  // Where it needs nothing else, a copy of links takes seconds. A link to the folder is nothing that Next follows.
  if (Object.entries(needs(folder)).every(([name, version]) => ours[name] === version))
    execFileSync("cp", ["-al", path.join(root, "node_modules"), folder]);
  else execFileSync("npm", ["ci", "--omit=dev", "--prefer-offline"], { cwd: folder, stdio: "ignore" });
}

/** A service of this release as the one before, in a folder, starts it. The web server compiles what it is asked for. */
export function asPrevious(service: Service, folder: string): Service & { from: string } {
  const own = service.args.map((arg) => arg.replace(root, folder));
  const start = own.indexOf("start");
  const isWeb = start > 0 && service.name.endsWith("web");
  return {
    ...service,
    from: folder,
    args: isWeb ? [...own.slice(0, start), "dev", ...own.slice(own.indexOf("--hostname"))] : own,
    env: { ...service.env, ...(isWeb && { NODE_ENV: "development" }) },
  };
}
