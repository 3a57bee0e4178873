import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import { namelessBytes } from "./walls/tree.ts";

const WALK_TIMEOUT_MS = 60_000;

/** What a sandbox has on the host's disk. */
export interface DiskUsage {
  bytes: number;
  /** Files, folders and links. */
  entries: number;
}

/** One walk of du(1), as a process of its own, so that a million files do not hold up this one. */
function walk(folders: readonly string[], what: "--block-size=1" | "--inodes"): Promise<number> {
  return new Promise((resolve, reject) => {
    execFile(
      "du",
      ["-s", "-c", "-x", what, "--", ...folders],
      { timeout: WALK_TIMEOUT_MS, killSignal: "SIGKILL" },
      (error, stdout) => {
        // It complains of folders that it may not read or that vanish meanwhile, and counts all others.
        const total = /(?:^|\n)(\d+)\ttotal\n$/.exec(stdout)?.[1];
        if (total === undefined) reject(new Error(`du cannot count: ${error?.message ?? "no total"}`));
        else resolve(Number(total));
      },
    );
  });
}

/** Measures what lies in `folders`, and what the processes hold open without a name. */
export async function diskUsage(folders: readonly string[], pids: readonly number[]): Promise<DiskUsage> {
  const bytes = await walk(folders, "--block-size=1");
  return { bytes: bytes + namelessBytes(pids), entries: await walk(folders, "--inodes") };
}

/** What a disk still takes. */
export interface Free {
  bytes: number;
  /** Infinite on file systems that make room for files as they come, such as btrfs. */
  entries: number;
}

/** What is free on the disk of a folder. */
export async function freeOn(folder: string): Promise<Free> {
  const { bavail, bsize, files, ffree } = await fs.statfs(folder);
  return { bytes: bavail * bsize, entries: files > 0 ? ffree : Infinity };
}
