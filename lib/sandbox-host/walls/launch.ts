import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { Duplex } from "node:stream";
import { wallOptions, type Walls } from "./bubblewrap.ts";
import { type Layers, layerLines } from "./layers.ts";
import { innerLimits, outerLimits, rlimitLines } from "./rlimits.ts";
import { quote, type Stage } from "./stage.ts";
import { toolPath } from "./tools.ts";
import { childrenOf } from "./tree.ts";

const STDERR_KEPT = 4_000;
/** How long bubblewrap may take to follow its sandbox. */
const KILL_GRACE_MS = 2_000;

export interface LaunchOptions {
  walls: Walls;
  stage: Stage;
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
  /** Its files as layers, for a host that is root; else they lie in its folder. */
  layers?: Layers | undefined;
}

/** A process tree within walls. */
export interface Launched {
  /** Host pid of bubblewrap; the sandbox dies with it. */
  pid: number;
  /** The host's end of the channel. */
  socket: Duplex;
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

/** Where envd finds its end of the channel. */
const CHANNEL_FD = 3;
/** Where bubblewrap reads its options: on its command line, they would show host paths inside as /proc/1. */
const OPTIONS_FD = 4;
/** Where it reads the filter of system calls. */
const SECCOMP_FD = 5;

const words = ([tool = "", ...rest]: string[]): string => [toolPath(tool), ...rest].map(quote).join(" ");

/**
 * The script of the one process chain: a shell that joins the cgroups and takes limits gives way by exec to
 * what drops root for the sandbox's own uid, and that to bubblewrap, all under the same pid. Each further link
 * would take its milliseconds.
 */
function launchScript(options: LaunchOptions): string {
  const { uid, cgroups, stage, layers } = options;
  const dropRoot = ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
  const enter = stage.namespace ? ["nsenter", `--mount=${stage.namespace}`] : [];
  const asUser = layers
    ? layered([...enter, ...(enter.length > 0 ? ["--"] : [])], layers, dropRoot)
    : stage.namespace
      ? [...enter, `--setgid=${uid}`, `--setuid=${uid}`, "--"]
      : dropRoot;
  const limits = outerLimits(options);
  const builder = [
    // bash, where it is sh, cannot keep its hands off the environment, which would show inside as /proc/1.
    `exec \${BASH_VERSION:+${quote(toolPath("env"))} -i}`,
    ...(limits.length > 0 ? [words(limits)] : []),
    ...(uid === undefined ? [] : [words(asUser)]),
    words(["bwrap", "--args", String(OPTIONS_FD)]),
    ...(options.seccomp ? [`--seccomp ${SECCOMP_FD}`] : []),
    '-- "$@"',
  ].join(" ");
  return [
    "set -e",
    ...cgroups.map((folder) => `echo $$ > ${quote(`${folder}/cgroup.procs`)}`),
    ...rlimitLines(options),
    "unset PWD OLDPWD",
    builder,
  ].join("\n");
}

/**
 * Puts layers together in a mount namespace of the sandbox's own, which ends with it: nothing is left of them, however
 * the host ends.
 */
const layered = (enter: string[], layers: Layers, dropRoot: string[]): string[] => [
  ...enter,
  ...(enter.length > 0 ? [toolPath("unshare")] : ["unshare"]),
  "--mount",
  "--propagation",
  "private",
  "--",
  toolPath("sh"),
  "-c",
  ["set -e", ...layerLines(layers), `exec ${words(dropRoot)} "$@"`].join("\n"),
  "sh",
];

/** A file with `content` that has a descriptor and no longer a name. */
function openUnnamed(content: string | Buffer, folder: string): number {
  const file = path.join(folder, "for-bwrap");
  fs.writeFileSync(file, content);
  const fd = fs.openSync(file, "r");
  fs.unlinkSync(file);
  return fd;
}

/** Starts a sandbox. Whether it works is seen when its envd answers; until then `exited` may settle. */
export function launch(options: LaunchOptions): Launched {
  const { walls, stage, seccomp } = options;
  const bwrapOptions = wallOptions(walls, stage.pathOf).map((option) => `${option}\0`);
  const read = [bwrapOptions.join(""), ...(seccomp ? [seccomp] : [])].map((content) =>
    openUnnamed(content, walls.folder),
  );
  const command = [...innerLimits(options), ...walls.command];
  const child: ChildProcess = spawn("/bin/sh", ["-c", launchScript(options), "sh", ...command], {
    stdio: ["ignore", "ignore", "pipe", "pipe", ...read],
    cwd: "/",
    env: {} as NodeJS.ProcessEnv,
    // A terminal's Ctrl-C goes to the host alone, which then ends its sandboxes itself.
    detached: true,
  });
  for (const fd of read) fs.closeSync(fd);
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  const socket = child.stdio[CHANNEL_FD] as Duplex | null;
  const { pid } = child;
  if (pid === undefined || !socket) throw new Error("cannot start /bin/sh");
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
    socket,
    exited,
    kill: () => {
      // Its pid may be another's by now.
      if (child.exitCode !== null || child.signalCode !== null) return;
      const [first] = childrenOf(pid);
      if (first === undefined) return killPid(pid);
      // A pid namespace loses all its processes with its first one, and only then does bubblewrap end.
      killPid(first);
      const timer = setTimeout(() => killPid(pid), KILL_GRACE_MS);
      child.once("exit", () => clearTimeout(timer));
    },
  };
}
