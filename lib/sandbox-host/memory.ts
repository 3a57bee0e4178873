import fs from "node:fs";
import path from "node:path";
import { findHierarchies } from "./walls/cgroups.ts";

const MIB = 2 ** 20;

function numberIn(file: string): number | undefined {
  try {
    const text = fs.readFileSync(file, "utf8").trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Memory that programs of this machine could still get, from /proc/meminfo (proc(5)). */
export function availableBytes(): number {
  const kib = /^MemAvailable:\s+(\d+)/m.exec(fs.readFileSync("/proc/meminfo", "utf8"))?.[1];
  return kib === undefined ? Infinity : Number(kib) * 1024;
}

/** What the groups of this process, and those above them, leave of their limits; Infinity where none has one. */
function leftByGroups(): number {
  const read = (file: string) => fs.readFileSync(file, "utf8");
  let left = Infinity;
  for (const { version, controllers, folder } of findHierarchies(
    read("/proc/self/mountinfo"),
    read("/proc/self/cgroup"),
  )) {
    if (version === 1 && !controllers.includes("memory")) continue;
    const [limit, used] =
      version === 1 ? ["memory.limit_in_bytes", "memory.usage_in_bytes"] : ["memory.max", "memory.current"];
    for (let at = folder; at.startsWith("/sys/"); at = path.dirname(at)) {
      const most = numberIn(`${at}/${limit}`);
      if (most !== undefined) left = Math.min(left, most - (numberIn(`${at}/${used}`) ?? 0));
    }
  }
  return left;
}

/** Memory that there is for sandboxes, in MiB: what the machine has available, and its groups allow. */
export function memoryForSandboxes(): number {
  return Math.max(0, Math.floor(Math.min(availableBytes(), leftByGroups()) / MIB));
}
