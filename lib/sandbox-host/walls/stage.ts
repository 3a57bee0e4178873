import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { toolPath } from "./tools.ts";

/**
 * Whether a uid without privileges or groups can reach a path: every folder above it can be entered, and it
 * can be read, or entered. A sandbox of a root host is built under a uid of its own, to which a repository
 * below /root, say, is closed.
 */
export function isReachable(file: string, uid: number): boolean {
  const parts = file.split(path.sep).filter(Boolean);
  const above = parts.slice(0, -1).map((_, i) => path.sep + parts.slice(0, i + 1).join(path.sep));
  if (!above.every((folder) => (fs.statSync(folder).mode & 0o001) !== 0)) return false;
  const stats = fs.statSync(file);
  return stats.uid === uid || (stats.mode & (stats.isDirectory() ? 0o001 : 0o004)) !== 0;
}

/** A shell quoting that nothing breaks out of. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * Where root shows its sandboxes' builders the paths that their uids cannot reach: a tmpfs over /sys, in a mount
 * namespace for builders alone. No sandbox gets anything from /sys.
 */
const STAGE = "/sys";
const OPEN_TIMEOUT_MS = 10_000;

/** How builders reach host paths. */
export interface Stage {
  /** The mount namespace that builders enter first; absent if they need none. */
  namespace: string | undefined;
  /** The path under which a builder finds a host path. */
  pathOf: (source: string) => string;
}

/** The stage of a host that is not root: its sandboxes have its own uid. */
export const NO_STAGE: Stage = { namespace: undefined, pathOf: (source) => source };

/** Plans the detour for those of `sources` that `uid` cannot reach. An empty script means none. */
export function planStaging(
  sources: readonly string[],
  uid: number,
): { script: string[]; pathOf: Stage["pathOf"] } {
  const closed = [...new Set(sources)].filter((source) => !isReachable(source, uid));
  if (closed.length === 0) return { script: [], pathOf: NO_STAGE.pathOf };
  const staged = closed.map((source, i) => [source, `${STAGE}/${i}`] as const);
  const script = ["set -e", `mount -t tmpfs -o mode=0755,size=64k sandbox-stage ${STAGE}`];
  for (const [source, target] of staged) {
    const make = fs.statSync(source).isDirectory() ? "mkdir" : "touch";
    script.push(`${make} ${target}`, `mount --rbind ${quote(source)} ${target}`);
  }
  const pathOf = (file: string) => {
    const [source, target] = staged.find(([of]) => file === of || file.startsWith(of + path.sep)) ?? [];
    return source !== undefined && target !== undefined ? target + file.slice(source.length) : file;
  };
  return { script, pathOf };
}

/**
 * Sets the stage once for all sandboxes of a root host: files and folders in `sources`, and what comes to lie in
 * these folders. The namespace lasts as long as this process, which keeps a descriptor of it.
 * @throws if the mounts cannot be made
 */
export async function openStage(sources: readonly string[], uid: number): Promise<Stage> {
  const { script, pathOf } = planStaging(sources, uid);
  if (script.length === 0) return { namespace: undefined, pathOf };
  const lines = [...script, "echo ready", "read -r _ || true"].join("\n");
  const child = spawn(toolPath("unshare"), ["--mount", "--propagation", "private", "sh", "-c", lines], {
    stdio: ["pipe", "pipe", "pipe"],
    timeout: OPEN_TIMEOUT_MS,
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await Promise.race([new Promise((resolve) => child.stdout.once("data", resolve)), exited]);
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
    throw new Error(`the mounts for sandboxes cannot be made: ${said.trim() || "unshare did not answer"}`);
  }
  const fd = fs.openSync(`/proc/${child.pid}/ns/mnt`, "r");
  child.stdin.end();
  await exited;
  return { namespace: `/proc/${process.pid}/fd/${fd}`, pathOf };
}
