import { execFile } from "node:child_process";
import fs from "node:fs";

const MINUTES = 60_000;
const COPY_TIMEOUT_MS = 10 * MINUTES;

/** Runs one of the system's file tools: a process of its own does not hold up this one, however large the tree. */
function run(tool: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(tool, args, { timeout: COPY_TIMEOUT_MS, killSignal: "SIGKILL" }, (error, _stdout, stderr) => {
      if (error) reject(new Error(`${tool}: ${stderr.trim() || error.message}`));
      else resolve();
    });
  });
}

/** Makes a folder and those above it. Node's own `recursive` never returns where mkdir(2) is impossible, as in /proc. */
export function makeFolders(folder: string, mode: number): void {
  if (fs.existsSync(folder)) return;
  const above = folder.slice(0, folder.lastIndexOf("/"));
  if (above !== "") makeFolders(above, mode);
  fs.mkdirSync(folder, { mode });
}

/** Copies a folder to a new one with all that it has: links as links, holes as holes, modes, times, attributes. */
export async function copyTree(source: string, target: string): Promise<void> {
  await run("cp", ["-a", "--reflink=auto", "--sparse=auto", "-T", "--", source, target]);
}

/** Gives a tree to a uid; links are not followed. */
export async function giveTree(folder: string, uid: number): Promise<void> {
  await run("chown", ["-hR", `${uid}:${uid}`, "--", folder]);
}

/** Deletes a tree, whatever its owner did to its permissions. Links are not followed. */
export async function removeTree(folder: string): Promise<void> {
  try {
    await run("rm", ["-rf", "--", folder]);
  } catch {
    // Folders that are closed even to their owner.
    await run("chmod", ["-R", "u+rwx", "--", folder]);
    await run("rm", ["-rf", "--", folder]);
  }
}
