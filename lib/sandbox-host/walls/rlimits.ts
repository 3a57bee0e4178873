import fs from "node:fs";
import os from "node:os";

const MAX_OPEN_FILES = 65_536;

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

/**
 * The arguments of prlimit(1) for a sandbox: no core dumps, bounded files and descriptors, and as many
 * processes of its uid as `maxProcesses` where nothing else bounds them and the uid is its own.
 */
export function rlimitArguments({ uid, maxProcesses, maxFileBytes }: Limited): string[] {
  const own = fs.readFileSync("/proc/self/limits", "utf8");
  const within = (name: string, wanted: number): number => Math.min(wanted, hardLimit(own, name));
  const processes = uid === undefined ? undefined : maxProcesses;
  return [
    "--core=0",
    `--nofile=${within("Max open files", MAX_OPEN_FILES)}`,
    `--fsize=${within("Max file size", maxFileBytes)}`,
    ...(processes === undefined ? [] : [`--nproc=${within("Max processes", processes)}`]),
  ];
}

/** What goes before a sandbox's command, inside, to bound its processes where it shares its user's uid. */
export function innerLimits({ uid, maxProcesses }: Omit<Limited, "maxFileBytes">): string[] {
  if (uid !== undefined || maxProcesses === undefined || !countsByNamespace()) return [];
  return ["prlimit", `--nproc=${maxProcesses}`, "--"];
}
