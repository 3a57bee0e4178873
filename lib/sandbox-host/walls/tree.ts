import fs from "node:fs";

/** The unit of times in /proc/pid/stat: USER_HZ, which is 100 on all of Linux's platforms that Node has. */
const TICKS_A_SECOND = 100;
const PAGE_BYTES = 4096;

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return undefined;
    throw error;
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return [];
    throw error;
  }
}

/** The host pids of a process's children, whichever of its threads started them, while it lives. */
export function childrenOf(pid: number): number[] {
  return namesIn(`/proc/${pid}/task`).flatMap((thread) =>
    (read(`/proc/${pid}/task/${thread}/children`) ?? "").split(" ").filter(Boolean).map(Number),
  );
}

/** The host pids of a process and of all below it. Within a pid namespace, orphans stay below its first process. */
export function treeOf(pid: number): number[] {
  const found = [pid];
  for (const known of found) found.push(...childrenOf(known));
  return found;
}

/** Whether a process has been stopped by a signal, or has ended: field 3 of proc_pid_stat(5). */
export function isStopped(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`) ?? "";
  return ["T", "t", "Z", "X", ""].includes(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[0] ?? "");
}

/** CPU time and memory of a tree, for where no cgroup counts them. Shared pages count once a process. */
export function usageOfTree(pids: readonly number[]): { cpuSeconds: number; memoryBytes: number } {
  let ticks = 0;
  let pages = 0;
  for (const pid of pids) {
    const stat = read(`/proc/${pid}/stat`) ?? "";
    // utime, stime and, of children that have ended, cutime and cstime: fields 14 to 17 of proc_pid_stat(5).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    for (const field of fields.slice(11, 15)) ticks += Number(field);
    pages += Number((read(`/proc/${pid}/statm`) ?? "").split(" ")[1] ?? 0);
  }
  return { cpuSeconds: ticks / TICKS_A_SECOND, memoryBytes: pages * PAGE_BYTES };
}

/** Bytes on disk of files that processes hold open though their names are gone, which no walk can find. */
export function namelessBytes(pids: readonly number[]): number {
  const sizes = new Map<string, number>();
  for (const pid of pids) {
    for (const name of namesIn(`/proc/${pid}/fd`)) {
      const stats = fs.statSync(`/proc/${pid}/fd/${name}`, { throwIfNoEntry: false });
      if (stats?.isFile() && stats.nlink === 0) sizes.set(`${stats.dev}:${stats.ino}`, stats.blocks * 512);
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
