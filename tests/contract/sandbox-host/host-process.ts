import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Sandbox, type SandboxOpts } from "e2b";

export const REPO = fileURLToPath(new URL("../../..", import.meta.url));
const MAIN = path.join(REPO, "lib/sandbox-host/main.ts");
export const API_KEY = "e2b_0123456789abcdef0123456789abcdef01234567";
const READY_TIMEOUT_MS = 20_000;

/** A temporary folder, and what removes it. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sandbox-host-"));
  return { folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

/** Whom a host runs as. Root can try both; anyone else is an ordinary user. */
export const IDENTITIES: { name: string; identity: { uid?: number; gid?: number } }[] =
  process.getuid?.() === 0
    ? [
        { name: "root", identity: {} },
        { name: "an ordinary user", identity: { uid: 31_337, gid: 31_337 } },
      ]
    : [{ name: "an ordinary user", identity: {} }];

/** A folder below `parent` that a host of this identity can use for its data. Returns its path. */
export function dataFolderFor(parent: string, { uid, gid }: { uid?: number; gid?: number }): string {
  const folder = fs.mkdtempSync(path.join(parent, "own-"));
  fs.chmodSync(parent, 0o711);
  if (uid !== undefined) fs.chownSync(folder, uid, gid ?? uid);
  return path.join(folder, "data");
}

/** A host under test: the real main.ts as a process of its own. */
export class HostProcess {
  readonly child: ChildProcess;
  url = "";
  stderr = "";
  private readonly exit: Promise<number | null>;

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.exit = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  }

  /** Starts it on a free port and waits for its ready line. */
  static async start(
    data: string,
    flags: string[] = [],
    identity: { uid?: number; gid?: number } = {},
  ): Promise<HostProcess> {
    const host = new HostProcess(spawnMain(["--port", "0", ...usual(data), ...flags], identity));
    let stdout = "";
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`the host ${why}: ${host.stderr}`));
      const timer = setTimeout(() => fail("was not ready in time"), READY_TIMEOUT_MS);
      host.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        if (!stdout.includes("\n")) return;
        clearTimeout(timer);
        host.url = (JSON.parse(stdout) as { ready: true; url: string }).url;
        resolve();
      });
      host.child.once("exit", (code) => {
        clearTimeout(timer);
        fail(`exited with ${code}`);
      });
    });
    return host;
  }

  /** Options with which the unmodified SDK talks to this host. */
  get sdk(): SandboxOpts {
    return { apiUrl: this.url, sandboxUrl: this.url, domain: "localhost:3220", apiKey: API_KEY };
  }

  /** A sandbox that ends by itself after ten minutes, should the test not end it. */
  create(options: SandboxOpts = {}, template = "base"): Promise<Sandbox> {
    return Sandbox.create(template, { ...this.sdk, timeoutMs: 600_000, ...options });
  }

  /** Waits until a started sandbox is kept for the next caller. */
  async untilReady(): Promise<void> {
    const waiting = async () =>
      ((await (await fetch(`${this.url}/health`)).json()) as { ready: number }).ready;
    await eventually("a sandbox waits", async () => (await waiting()) > 0, READY_TIMEOUT_MS);
  }

  /** A request to a port inside a sandbox, routed by headers. */
  fetchPort(sandbox: Sandbox, port: number, pathname: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + pathname, {
      ...init,
      headers: {
        "E2b-Sandbox-Id": sandbox.sandboxId,
        "E2b-Sandbox-Port": String(port),
        ...(init.headers as Record<string, string> | undefined),
      },
    });
  }

  /** Sends a signal, waits for the end, returns the exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.exit;
  }
}

const usual = (data: string): string[] => [
  "--data",
  data,
  "--domain",
  "localhost:3220",
  "--api-key",
  API_KEY,
];

/** What the host is made of, from the repository's root. */
const PARTS = ["lib", "node_modules", "package.json"];

/**
 * Mounts the program's parts where any user may enter, in a mount namespace of its own, and becomes the user: the
 * repository may lie in a folder that root alone may enter. Arguments: uid, gid, repository, Node, folder, and the host's.
 */
const AS_USER = `set -e
uid=$1 gid=$2 repository=$3 node=$4 folder=$5
shift 5
for part in ${PARTS.join(" ")}; do mount --bind "$repository/$part" "$folder/$part"; done
mount --bind "$node" "$folder/node"
# esbuild goes to the folder that it was started in.
cd "$folder"
exec setpriv --reuid="$uid" --regid="$gid" --clear-groups "$folder/node" "$folder/lib/sandbox-host/main.ts" "$@"`;

/** An empty place for each part, which everyone may enter. */
function placesForParts(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sandbox-host-program-"));
  fs.chmodSync(folder, 0o755);
  for (const part of [...PARTS, "node"])
    if (fs.statSync(part === "node" ? process.execPath : path.join(REPO, part)).isDirectory())
      fs.mkdirSync(path.join(folder, part));
    else fs.writeFileSync(path.join(folder, part), "");
  return folder;
}

function spawnMain(args: string[], { uid, gid }: { uid?: number; gid?: number } = {}): ChildProcess {
  const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
  if (uid === undefined) return spawn(process.execPath, [MAIN, ...args], { stdio });
  const folder = placesForParts();
  const words = [String(uid), String(gid ?? uid), REPO, process.execPath, folder, ...args];
  const child = spawn("unshare", ["--mount", "sh", "-c", AS_USER, "sh", ...words], { stdio });
  child.once("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  return child;
}

/** Runs main.ts where it is expected to refuse: its exit code and what it said. */
export async function runToExit(
  args: string[],
  env?: Record<string, string>,
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    ...(env && { env: env as NodeJS.ProcessEnv }),
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // One that hangs instead of refusing must not outlive the test.
  const timer = setTimeout(() => child.kill("SIGKILL"), READY_TIMEOUT_MS);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearTimeout(timer);
  return { code, stderr };
}

/** Waits until `check` holds; fails after `timeoutMs`, saying what was waited for. */
export async function eventually(what: string, check: () => unknown, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await check()) return;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Pids of processes on this machine whose command line contains `text`. */
export function processesWith(text: string): number[] {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").includes(text);
      } catch (error) {
        // It ended while the list was read.
        if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
        throw error;
      }
    })
    .map(Number);
}
