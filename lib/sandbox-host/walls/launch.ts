import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { Duplex } from "node:stream";
import { wallOptions, type Walls, wallSources } from "./bubblewrap.ts";
import { innerLimits, rlimitArguments } from "./rlimits.ts";
import { planStaging, quote } from "./stage.ts";
import { childrenOf } from "./tree.ts";

const STDERR_KEPT = 4_000;
/** How long bubblewrap may take to follow its sandbox. */
const KILL_GRACE_MS = 2_000;

export interface LaunchOptions {
  walls: Walls;
  /** Host uid and gid for the sandbox; absent when the host is no root, and its own uid serves. */
  uid: number | undefined;
  /** Folders whose `cgroup.procs` the sandbox joins before anything else happens. */
  cgroups: readonly string[];
  /** Bounds its processes by rlimit, where no cgroup does. */
  maxProcesses: number | undefined;
  /** The filter of system calls for all its processes; see `seccompFilter` of seccomp.ts. */
  seccomp: Buffer | undefined;
  /** Bytes of its largest file. */
  maxFileBytes: number;
}

/** A process tree within walls. */
export interface Launched {
  /** Host pid of bubblewrap; the sandbox dies with it. */
  pid: number;
  inbound: Duplex;
  outbound: Duplex;
  /** Settles when every process of the sandbox is gone, with the last that it said on stderr. */
  exited: Promise<string>;
  kill(): void;
}

function killPid(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Where bubblewrap reads its options: on its command line, they would show host paths inside as /proc/1. */
const OPTIONS_FD = 5;
/** Where it reads the filter of system calls. */
const SECCOMP_FD = 6;

export interface Chain {
  /** For `sh -c`, with the sandbox's command as arguments. */
  script: string;
  /** For {@link OPTIONS_FD}. */
  bwrapOptions: string;
}

/**
 * The one process chain: sh joins the cgroups and shows closed paths, then gives way by exec to prlimit,
 * setpriv (which drops root for the sandbox's own uid) and bubblewrap, all under the same pid.
 */
export function launchChain(options: LaunchOptions): Chain {
  const { walls, uid, cgroups } = options;
  const staging = uid === undefined ? planStaging([], 0) : planStaging(wallSources(walls), uid);
  const builder = [
    ["exec prlimit", ...rlimitArguments(options)],
    uid === undefined ? [] : [`setpriv --reuid=${uid} --regid=${uid} --clear-groups`],
    [`env -i "$(command -v bwrap)" --args ${OPTIONS_FD}`],
    options.seccomp ? [`--seccomp ${SECCOMP_FD}`] : [],
    ['-- "$@"'],
  ]
    .flat()
    .join(" ");
  const lines = ["set -e", ...cgroups.map((folder) => `echo $$ > ${quote(`${folder}/cgroup.procs`)}`)];
  if (staging.script.length === 0) lines.push(builder);
  else {
    const staged = ["set -e", ...staging.script, builder].join("\n");
    lines.push(`exec unshare --mount --propagation private sh -c ${quote(staged)} sh "$@"`);
  }
  const bwrapOptions = wallOptions(walls, staging.pathOf).map((option) => `${option}\0`);
  return { script: lines.join("\n"), bwrapOptions: bwrapOptions.join("") };
}

/** A file with `content` that has a descriptor and no name any more. */
function openUnnamed(content: string | Buffer, folder: string): number {
  const file = path.join(folder, "for-bwrap");
  fs.writeFileSync(file, content);
  const fd = fs.openSync(file, "r");
  fs.unlinkSync(file);
  return fd;
}

/** Starts a sandbox. Whether it works is seen when its envd answers; until then `exited` may settle. */
export function launch(options: LaunchOptions): Launched {
  const { script, bwrapOptions } = launchChain(options);
  const { folder } = options.walls;
  const read = [bwrapOptions, ...(options.seccomp ? [options.seccomp] : [])].map((content) =>
    openUnnamed(content, folder),
  );
  const env: Record<string, string> = { PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin" };
  const command = [...innerLimits(options), ...options.walls.command];
  const child: ChildProcess = spawn("/bin/sh", ["-c", script, "sh", ...command], {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe", ...read],
    env: env as NodeJS.ProcessEnv,
    // A terminal's Ctrl-C goes to the host alone, which then ends its sandboxes itself.
    detached: true,
  });
  for (const fd of read) fs.closeSync(fd);
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  const [, , , inbound, outbound] = child.stdio as unknown as (Duplex | null)[];
  const { pid } = child;
  if (pid === undefined || !inbound || !outbound) throw new Error("cannot start /bin/sh");
  const exited = new Promise<string>((resolve) => {
    const finish = () => resolve(stderr.trim());
    // The last words on stderr can come after the end.
    child.once("exit", () => {
      if (child.stderr && !child.stderr.closed) child.stderr.once("close", finish);
      else finish();
    });
    child.once("error", (error) => resolve(error.message));
  });
  return {
    pid,
    inbound,
    outbound,
    exited,
    kill: () => {
      const [first] = childrenOf(pid);
      if (first === undefined) return killPid(pid);
      // A pid namespace loses all its processes with its first one, and only then does bubblewrap end.
      killPid(first);
      const timer = setTimeout(() => killPid(pid), KILL_GRACE_MS);
      child.once("exit", () => clearTimeout(timer));
    },
  };
}
