import fs from "node:fs";
import path from "node:path";
import { until } from "#net/retry.ts";

/** What one sandbox may use. */
export interface Limits {
  memoryMb: number;
  cpus: number;
  processes: number;
  /** Of the files that it makes on the host's disk. */
  diskMb: number;
  /** How many files, folders and links these may be. */
  files: number;
}

/** A mounted cgroup hierarchy that this process is in. */
interface Hierarchy {
  version: 1 | 2;
  controllers: string[];
  /** This process's own group, below which sandboxes get theirs. */
  folder: string;
}

const V1_CONTROLLERS = ["memory", "pids", "cpu", "cpuacct", "freezer"];
const CPU_PERIOD_US = 100_000;
/** A sandbox's share where processes compete, of the 1024 (v1) or 100 (v2) that everything else on the machine has. */
const CPU_SHARES_V1 = 384;
const CPU_WEIGHT_V2 = 38;
const REMOVE_DEADLINE_MS = 5_000;
const REMOVE_LOOK_MS = 10;

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return undefined;
    throw error;
  }
}

/** Writes a control file; false if this kernel, mount or delegation does not have it. */
function control(file: string, value: string | number): boolean {
  try {
    fs.writeFileSync(file, String(value));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return false;
    throw error;
  }
}

/** Finds the hierarchies from /proc/self/mountinfo and /proc/self/cgroup, as cgroups(7) describes them. */
export function findHierarchies(mountinfo: string, selfCgroup: string): Hierarchy[] {
  const own = new Map<string, string>();
  for (const line of selfCgroup.trim().split("\n")) {
    const [, names = "", ownPath = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    for (const name of names.split(",")) own.set(name, ownPath);
  }
  const found: Hierarchy[] = [];
  for (const line of mountinfo.trim().split("\n")) {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , root = "/", mount = ""] = left.split(" ");
    const [type, , options = ""] = right.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") continue;
    const controllers =
      type === "cgroup2" ? [] : options.split(",").filter((o) => V1_CONTROLLERS.includes(o));
    if (type === "cgroup" && controllers.length === 0) continue;
    const ownPath = own.get(controllers[0] ?? "") ?? "/";
    const below = path.posix.relative(root, ownPath);
    const folder = below.startsWith("..") ? mount : path.posix.join(mount, below);
    found.push({ version: type === "cgroup2" ? 2 : 1, controllers, folder });
  }
  return found;
}

/** What holds a limit; "none" where nothing does. */
export type Enforcer = "cgroup v1" | "cgroup v2" | "rlimit" | "polling" | "none";

/** What the kernel's groups hold of a sandbox's limits; the rest is left to rlimits. */
type Enforced = Record<"memoryMb" | "cpus" | "processes", Enforcer>;

/** CPU time and memory that all processes of a group use together. */
export interface GroupUsage {
  cpuSeconds: number | undefined;
  memory: { usedBytes: number; cacheBytes: number } | undefined;
}

/** The cgroups of one sandbox. */
export interface Group {
  /** Its folders, one a hierarchy; a process joins by being written to each one's `cgroup.procs`. */
  folders: string[];
  enforced: Enforced;
  /** Stops or continues every process in it. False if no freezer is available. */
  freeze(frozen: boolean): boolean;
  /** Whether all have stopped, which takes a moment. */
  isFrozen(): boolean;
  usage(): GroupUsage;
}

function limitV1(folder: string, controllers: string[], limits: Limits, enforced: Enforced): void {
  if (controllers.includes("memory")) {
    const bytes = limits.memoryMb * 2 ** 20;
    if (control(`${folder}/memory.limit_in_bytes`, bytes)) enforced.memoryMb = "cgroup v1";
    // Memory and swap together; kernels without swap accounting do not have it.
    control(`${folder}/memory.memsw.limit_in_bytes`, bytes);
  }
  if (controllers.includes("pids") && control(`${folder}/pids.max`, limits.processes)) {
    enforced.processes = "cgroup v1";
  }
  if (controllers.includes("cpu")) {
    const held =
      control(`${folder}/cpu.cfs_period_us`, CPU_PERIOD_US) &&
      control(`${folder}/cpu.cfs_quota_us`, Math.round(limits.cpus * CPU_PERIOD_US));
    if (held) enforced.cpus = "cgroup v1";
    control(`${folder}/cpu.shares`, CPU_SHARES_V1);
  }
}

function limitV2(folder: string, limits: Limits, enforced: Enforced): void {
  if (control(`${folder}/memory.max`, limits.memoryMb * 2 ** 20)) {
    enforced.memoryMb = "cgroup v2";
    control(`${folder}/memory.swap.max`, 0);
  }
  if (control(`${folder}/pids.max`, limits.processes)) enforced.processes = "cgroup v2";
  const quota = `${Math.round(limits.cpus * CPU_PERIOD_US)} ${CPU_PERIOD_US}`;
  if (control(`${folder}/cpu.max`, quota)) enforced.cpus = "cgroup v2";
  control(`${folder}/cpu.weight`, CPU_WEIGHT_V2);
}

/** The number behind a name in a control file of lines `name number`. */
function statOf(file: string, name: string): number {
  const line = (readText(file) ?? "").split("\n").find((l) => l.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

/** Reads a group's usage from the files of whichever hierarchies it has. */
function usageIn(folders: readonly string[]): GroupUsage {
  const usage: GroupUsage = { cpuSeconds: undefined, memory: undefined };
  for (const folder of folders) {
    const nanoseconds = readText(`${folder}/cpuacct.usage`);
    if (nanoseconds !== undefined) usage.cpuSeconds = Number(nanoseconds) / 1e9;
    else if (readText(`${folder}/cpu.stat`)?.includes("usage_usec")) {
      usage.cpuSeconds ??= statOf(`${folder}/cpu.stat`, "usage_usec") / 1e6;
    }
    const inUse = readText(`${folder}/memory.usage_in_bytes`) ?? readText(`${folder}/memory.current`);
    if (inUse === undefined) continue;
    const file = `${folder}/memory.stat`;
    // Files in memory, such as those of /tmp, count as cache to the kernel, yet cannot be given up.
    const cacheBytes = (statOf(file, "cache") || statOf(file, "file")) - statOf(file, "shmem");
    usage.memory = { usedBytes: Math.max(0, Number(inUse) - cacheBytes), cacheBytes };
  }
  return usage;
}

function isFrozenIn(folder: string): boolean {
  const isV1 = readText(`${folder}/freezer.state`)?.trim() === "FROZEN";
  return isV1 || statOf(`${folder}/cgroup.events`, "frozen") === 1;
}

/** Makes a group named `name` in every hierarchy that allows it, and sets its limits. */
export function createGroup(name: string, limits: Limits): Group {
  const hierarchies = findHierarchies(
    readText("/proc/self/mountinfo") ?? "",
    readText("/proc/self/cgroup") ?? "",
  );
  const enforced: Enforced = { memoryMb: "none", cpus: "none", processes: "none" };
  const folders: string[] = [];
  const freezers: ((frozen: boolean) => boolean)[] = [];
  for (const { version, controllers, folder: parent } of hierarchies) {
    const folder = path.join(parent, name);
    if (version === 2) control(`${parent}/cgroup.subtree_control`, "+memory +pids +cpu");
    try {
      fs.mkdirSync(folder);
    } catch (error) {
      // Read-only or not delegated to this user: limits fall back to rlimits.
      if (["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) continue;
      throw error;
    }
    folders.push(folder);
    if (version === 1) limitV1(folder, controllers, limits, enforced);
    else limitV2(folder, limits, enforced);
    if (controllers.includes("freezer")) {
      freezers.push((frozen) => control(`${folder}/freezer.state`, frozen ? "FROZEN" : "THAWED"));
    } else if (version === 2 && fs.existsSync(`${folder}/cgroup.freeze`)) {
      freezers.unshift((frozen) => control(`${folder}/cgroup.freeze`, frozen ? 1 : 0));
    }
  }
  return {
    folders,
    enforced,
    freeze: (frozen) => freezers[0]?.(frozen) ?? false,
    isFrozen: () => folders.some(isFrozenIn),
    usage: () => usageIn(folders),
  };
}

function processesIn(folder: string): number[] {
  return (readText(`${folder}/cgroup.procs`) ?? "").split("\n").filter(Boolean).map(Number);
}

function killAll(folder: string): void {
  control(`${folder}/cgroup.freeze`, 0);
  control(`${folder}/freezer.state`, "THAWED");
  if (control(`${folder}/cgroup.kill`, 1)) return;
  for (const pid of processesIn(folder)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/**
 * Ends whatever is left in the folders of a group and removes them.
 * @throws if something in it is still alive after five seconds.
 */
export async function removeGroup(folders: readonly string[]): Promise<void> {
  const deadline = performance.now() + REMOVE_DEADLINE_MS;
  for (const folder of folders) {
    const remove = () => {
      try {
        fs.rmdirSync(folder);
        return true;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT") return true;
        if (code !== "EBUSY") throw error;
        killAll(folder);
        return false;
      }
    };
    await until("the removal of a cgroup", remove, {
      timeoutMs: deadline - performance.now(),
      everyMs: REMOVE_LOOK_MS,
    });
  }
}
