import fs from "node:fs";
import os from "node:os";

const MAX_OPEN_FILES = 65_536;
/** The unit of `ulimit -f` in POSIX's shells. */
const BLOCK_BYTES = 512;

/** The hard limit of this process by its name in /proc/self/limits; limits of children cannot exceed it. */
export function hardLimit(limits: string, name: string): number {
  const line = limits.split("\n").find((l) => l.startsWith(`${name} `)) ?? "";
  const hard = line.slice(name.length).trim().split(/\s+/)[1];
  return hard === undefined || hard === "unlimited" ? Infinity : Number(hard);
}

interface Limited {
  /** Host uid of its own, if it has one. */
  uid: number | undefined;
  maxProcesses: number | undefined;
  maxFileBytes: number;
}

/**
 * Whether a limit of processes that is set within a user namespace counts that namespace alone: since Linux
 * 5.14, whose user_namespaces(7) count them for each namespace. Before, it counted all that the user runs.
 */
export function countsByNamespace(release = os.release()): boolean {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}

/** Lines of a shell that bound the sandbox it becomes: no core dumps, bounded files and descriptors. */
export function rlimitLines({ maxFileBytes }: Pick<Limited, "maxFileBytes">): string[] {
  const own = fs.readFileSync("/proc/self/limits", "utf8");
  const openFiles = Math.min(MAX_OPEN_FILES, hardLimit(own, "Max open files"));
  const fileBytes = Math.min(maxFileBytes, hardLimit(own, "Max file size"));
  return ["ulimit -c 0", `ulimit -n ${openFiles}`, `ulimit -f ${Math.floor(fileBytes / BLOCK_BYTES)}`];
}

/**
 * What goes before the sandbox's builder, in the host, to bound its processes by its own uid. Shells do not
 * agree on how they limit these.
 */
export function outerLimits({ uid, maxProcesses }: Omit<Limited, "maxFileBytes">): string[] {
  if (uid === undefined || maxProcesses === undefined) return [];
  const hard = hardLimit(fs.readFileSync("/proc/self/limits", "utf8"), "Max processes");
  return ["prlimit", `--nproc=${Math.min(maxProcesses, hard)}`];
}

/** What goes before a sandbox's command, inside, to bound its processes where it shares its user's uid. */
export function innerLimits({ uid, maxProcesses }: Omit<Limited, "maxFileBytes">): string[] {
  if (uid !== undefined || maxProcesses === undefined || !countsByNamespace()) return [];
  return ["prlimit", `--nproc=${maxProcesses}`, "--"];
}
