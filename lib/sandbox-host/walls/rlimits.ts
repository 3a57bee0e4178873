import fs from "node:fs";

const MAX_FILE_BYTES = 4 * 2 ** 30;
const MAX_OPEN_FILES = 65_536;

/** The hard limit of this process by its name in /proc/self/limits; limits of children cannot exceed it. */
export function hardLimit(limits: string, name: string): number {
  const line = limits.split("\n").find((l) => l.startsWith(`${name} `)) ?? "";
  const hard = line.slice(name.length).trim().split(/\s+/)[1];
  return hard === undefined || hard === "unlimited" ? Infinity : Number(hard);
}

/**
 * The arguments of prlimit(1) for a sandbox: no core dumps, bounded files and descriptors, and as many
 * processes of its uid as `maxProcesses` where nothing else bounds them.
 */
export function rlimitArguments(maxProcesses: number | undefined): string[] {
  const own = fs.readFileSync("/proc/self/limits", "utf8");
  const within = (name: string, wanted: number): number => Math.min(wanted, hardLimit(own, name));
  return [
    "--core=0",
    `--nofile=${within("Max open files", MAX_OPEN_FILES)}`,
    `--fsize=${within("Max file size", MAX_FILE_BYTES)}`,
    ...(maxProcesses === undefined ? [] : [`--nproc=${within("Max processes", maxProcesses)}`]),
  ];
}
