import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { StartError } from "./errors.ts";
import { writeBootId, writeEtc } from "./walls/bubblewrap.ts";
import { launch, type LaunchOptions } from "./walls/launch.ts";
import { seccompFilter } from "./walls/seccomp.ts";
import { uidRange } from "./walls/uids.ts";

const TRIAL_TIMEOUT_MS = 10_000;
const TRIAL_FILE_BYTES = 2 ** 20;

const BUILDER = "bwrap";
/** Tools and the Debian packages that have them. */
const TOOLS = { [BUILDER]: "bubblewrap", prlimit: "util-linux" };
const ROOT_TOOLS = { setpriv: "util-linux", unshare: "util-linux", mount: "mount" };

function isInstalled(tool: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  return folders.some((folder) => fs.existsSync(path.join(folder, tool)));
}

/** What a sandbox says on stderr until its end, or until it has taken too long. */
async function trialRun(options: LaunchOptions): Promise<string> {
  const launched = launch(options);
  const timer = setTimeout(() => launched.kill(), TRIAL_TIMEOUT_MS);
  const said = await launched.exited;
  clearTimeout(timer);
  launched.inbound.destroy();
  launched.outbound.destroy();
  return said;
}

/**
 * Builds the walls once around a command, so that a host that cannot isolate refuses to start.
 * @throws StartError saying what is missing and what to do
 */
export async function checkWalls(folder: string): Promise<{ uids: ReturnType<typeof uidRange> }> {
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
    writeEtc(path.join(trial, "etc"));
    writeBootId(path.join(trial, "etc"));
    for (const name of ["home", "workspace"]) {
      fs.mkdirSync(path.join(trial, name));
      if (uids) fs.chownSync(path.join(trial, name), uids.first, uids.first);
    }
    const said = await trialRun({
      walls: { folder: trial, readOnly: [], path: "/usr/bin:/bin", command: ["sh", "-c", "echo built >&2"] },
      uid: uids?.first,
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
  return { uids };
}
