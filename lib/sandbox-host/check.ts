import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { StartError } from "./errors.ts";
import { wallArguments, wallSources, writeEtc } from "./walls/bubblewrap.ts";
import { planStaging } from "./walls/stage.ts";
import { uidRange } from "./walls/uids.ts";

/** Tools and the Debian packages that have them. */
const TOOLS = { bwrap: "bubblewrap", prlimit: "util-linux" };
const ROOT_TOOLS = { setpriv: "util-linux", unshare: "util-linux", mount: "mount" };

function isInstalled(tool: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  return folders.some((folder) => fs.existsSync(path.join(folder, tool)));
}

/**
 * Builds the walls once around `true`, so that a host that cannot isolate refuses to start.
 * @throws StartError saying what is missing and what to do
 */
export function checkWalls(folder: string): { uids: ReturnType<typeof uidRange> } {
  if (process.platform !== "linux") {
    throw new StartError(`Sandboxes need Linux: bubblewrap does not exist on ${os.type()}.`);
  }
  const isRoot = process.getuid?.() === 0;
  for (const [tool, debPackage] of Object.entries({ ...TOOLS, ...(isRoot && ROOT_TOOLS) })) {
    if (!isInstalled(tool)) {
      const sudo = isRoot ? "" : "sudo ";
      throw new StartError(`'${tool}' is missing: install it with '${sudo}apt-get install ${debPackage}'.`);
    }
  }
  const uids = isRoot ? uidRange(fs.readFileSync("/proc/self/uid_map", "utf8")) : undefined;
  if (isRoot && !uids)
    throw new StartError("This container maps too few user ids to give sandboxes their own.");
  const trial = path.join(folder, `trial-${process.pid}`);
  try {
    for (const name of ["home", "workspace"]) fs.mkdirSync(path.join(trial, name), { recursive: true });
    writeEtc(path.join(trial, "etc"));
    const walls = { folder: trial, readOnly: [], path: "/usr/bin:/bin", command: ["true"] };
    if (uids)
      for (const name of ["home", "workspace"]) fs.chownSync(path.join(trial, name), uids.first, uids.first);
    const staging = planStaging(uids ? wallSources(walls) : [], uids?.first ?? 0);
    const drop = uids ? `setpriv --reuid=${uids.first} --regid=${uids.first} --clear-groups` : "";
    const script = ["set -e", ...staging.script, `exec ${drop} bwrap "$@"`].join("\n");
    const build = ["sh", "-c", script, "sh", ...wallArguments(walls, staging.pathOf)];
    const args =
      staging.script.length > 0 ? ["unshare", "--mount", "--propagation", "private", ...build] : build;
    const result = spawnSync(args[0] ?? "sh", args.slice(1), { encoding: "utf8", timeout: 10_000 });
    if (result.status !== 0) {
      const said = (result.stderr || result.error?.message || `exit ${result.status}`).trim();
      const version = execFileSync("bwrap", ["--version"], { encoding: "utf8" }).trim();
      throw new StartError(
        `The sandbox walls cannot be built here (${version}, which must be 0.8 or later, with user namespaces` +
          ` allowed by kernel and container): ${said}`,
      );
    }
  } finally {
    fs.rmSync(trial, { recursive: true, force: true });
  }
  return { uids };
}
