import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import type { Duplex } from "node:stream";
import { wallArguments, type Walls, wallSources } from "./bubblewrap.ts";
import { rlimitArguments } from "./rlimits.ts";
import { planStaging } from "./stage.ts";

const STDERR_KEPT = 4_000;
/** How long bubblewrap may take to follow its sandbox. */
const KILL_GRACE_MS = 2_000;

export interface LaunchOptions {
  walls: Walls;
  /** Host uid and gid for the sandbox; absent when the host is no root, and its own uid serves. */
  uid: number | undefined;
  /** Folders whose `cgroup.procs` the sandbox joins before anything else happens. */
  cgroups: readonly string[];
  /** Bounds the uid's processes where no cgroup does. */
  maxProcesses: number | undefined;
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

/** The host pids of a process's children, while it lives. */
function childrenOf(pid: number): number[] {
  try {
    return fs
      .readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .split(" ")
      .filter(Boolean)
      .map(Number);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return [];
    throw error;
  }
}

function killPid(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

interface Chain {
  script: string;
  args: string[];
  env: Record<string, string>;
}

/**
 * The one process chain: sh joins the cgroups and shows closed paths, then gives way by exec to prlimit,
 * setpriv (which drops root for the sandbox's own uid) and bubblewrap, all under the same pid.
 */
function launchScript({ walls, uid, cgroups, maxProcesses }: LaunchOptions): Chain {
  const staging = uid === undefined ? planStaging([], 0) : planStaging(wallSources(walls), uid);
  const limits = ["prlimit", ...rlimitArguments(maxProcesses)].join(" ");
  const drop = uid === undefined ? "" : `setpriv --reuid=${uid} --regid=${uid} --clear-groups`;
  const build = `exec ${limits} ${drop} bwrap "$@"`;
  const joins = cgroups.map((folder) => `echo $$ > '${folder}/cgroup.procs'`);
  const join = ["set -e", ...joins];
  const args = wallArguments(walls, staging.pathOf);
  if (staging.script.length === 0) return { args, script: [...join, build].join("\n"), env: {} };
  return {
    args,
    script: [...join, 'exec unshare --mount --propagation private sh -c "$STAGE_SCRIPT" sh "$@"'].join("\n"),
    env: { STAGE_SCRIPT: ["set -e", ...staging.script, build].join("\n") },
  };
}

/** Starts a sandbox. Whether it works is seen when its envd answers; until then `exited` may settle. */
export function launch(options: LaunchOptions): Launched {
  const { script, args, env } = launchScript(options);
  const child: ChildProcess = spawn("/bin/sh", ["-c", script, "sh", ...args], {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    env: {
      ...env,
      PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin",
    } as unknown as NodeJS.ProcessEnv,
    // A terminal's Ctrl-C goes to the host alone, which then ends its sandboxes itself.
    detached: true,
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  const [, , , inbound, outbound] = child.stdio as unknown as (Duplex | null)[];
  const { pid } = child;
  if (pid === undefined || !inbound || !outbound) throw new Error("cannot start /bin/sh");
  const exited = new Promise<string>((resolve) => {
    child.once("exit", () => resolve(stderr.trim()));
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
