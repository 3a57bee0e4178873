import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface DemoModel {
  url: string;
  child: ChildProcess;
  /** Ends the process by SIGTERM and gives its exit code. */
  stop: () => Promise<number | null>;
}

const MAIN = new URL("../../../lib/demo-model/main.ts", import.meta.url).pathname;
const READY_MS = 10_000;

export function spawnMain(...flags: string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
}

/** Starts the real server on a free port, and waits for its line of readiness. */
export async function startDemoModel(): Promise<DemoModel> {
  const child = spawnMain("--port", "0");
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await once(lines, "line", { signal: AbortSignal.timeout(READY_MS) })) as [string];
  const ready = JSON.parse(line) as { ready: boolean; url: string };
  if (!ready.ready) throw new Error(`The demo model said: ${line}`);
  return {
    url: ready.url,
    child,
    async stop() {
      if (child.exitCode === null) {
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        await exited;
      }
      return child.exitCode;
    },
  };
}
