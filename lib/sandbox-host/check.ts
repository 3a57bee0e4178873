import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { StartError } from "./errors.ts";
import { makeFolders } from "./folders.ts";
import { writeProcFiles } from "./walls/bubblewrap.ts";
import { launch, type LaunchOptions } from "./walls/launch.ts";
import { seccompFilter } from "./walls/seccomp.ts";
import type { Stage } from "./walls/stage.ts";
import { toolPath } from "./walls/tools.ts";
import { uidRange } from "./walls/uids.ts";

const TRIAL_TIMEOUT_MS = 10_000;
const TRIAL_FILE_BYTES = 2 ** 20;

const BUILDER = "bwrap";
/** Tools and the Debian packages that have them. */
const TOOLS = { [BUILDER]: "bubblewrap", prlimit: "util-linux" };
const ROOT_TOOLS = { setpriv: "util-linux", unshare: "util-linux", nsenter: "util-linux", mount: "mount" };

/** What a sandbox says on stderr until its end, or until it has taken too long. */
async function trialRun(options: LaunchOptions): Promise<string> {
  const launched = launch(options);
  const timer = setTimeout(() => launched.kill(), TRIAL_TIMEOUT_MS);
  const said = await launched.exited;
  clearTimeout(timer);
  launched.socket.destroy();
  return said;
}

/**
 * Looks for all that walls are built with. Returns the uids for sandboxes, if the host is root.
 * @throws StartError saying what is missing and what to do
 */
export function checkTools(): ReturnType<typeof uidRange> {
  if (process.platform !== "linux") {
    throw new StartError(`Sandboxes need Linux: bubblewrap does not exist on ${os.type()}.`);
  }
  const isRoot = process.getuid?.() === 0;
  for (const [tool, debPackage] of Object.entries({ ...TOOLS, ...(isRoot && ROOT_TOOLS) })) {
    if (!path.isAbsolute(toolPath(tool))) {
      const sudo = isRoot ? "" : "sudo ";
      throw new StartError(`'${tool}' is missing: install it with '${sudo}apt-get install ${debPackage}'.`);
    }
  }
  const uids = isRoot ? uidRange(fs.readFileSync("/proc/self/uid_map", "utf8")) : undefined;
  if (isRoot && !uids)
    throw new StartError("This container maps too few user ids to give sandboxes their own.");
  return uids;
}

/**
 * Builds the walls once around a command, in a new folder `trial`, so that a host that cannot isolate refuses to
 * start.
 * @throws StartError with what bubblewrap said
 */
export async function tryWalls(
  trial: string,
  { etc, stage, uid }: { etc: string; stage: Stage; uid: number | undefined },
): Promise<void> {
  try {
    makeFolders(trial, 0o711);
    writeProcFiles(trial);
    for (const name of ["home", "workspace"]) {
      fs.mkdirSync(path.join(trial, name));
      if (uid !== undefined) fs.chownSync(path.join(trial, name), uid, uid);
    }
    const command = ["sh", "-c", "echo built >&2"];
    const said = await trialRun({
      walls: { folder: trial, etc, readOnly: [], path: "/usr/bin:/bin", command },
      stage,
      uid,
      cgroups: [],
      maxProcesses: undefined,
      maxFileBytes: TRIAL_FILE_BYTES,
      seccomp: seccompFilter(),
    });
    if (said !== "built") {
      const version = execFileSync(BUILDER, ["--version"], { encoding: "utf8" }).trim();
      throw new StartError(
        `The sandbox walls cannot be built here (${version}, which must be 0.8 or later, with user namespaces` +
          ` allowed by kernel and container): ${said}`,
      );
    }
  } finally {
    fs.rmSync(trial, { recursive: true, force: true });
  }
}
