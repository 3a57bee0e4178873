import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { startOf } from "#cli/up/claim.ts";
import { until } from "./api.ts";
import { descendantsWith, killAll } from "./processes.ts";

export const ROOT = path.resolve(import.meta.dirname, "../..");

export interface StartOptions {
  env?: Record<string, string>;
  /** A module that Node loads first. */
  preload?: string;
  /** The repository, by default this one. */
  root?: string;
}

/** `npm start` as a person runs it in a terminal: `start.mjs` in a process group of its own, its output kept. */
export class Start {
  readonly child: ChildProcess;
  /** All that was printed, both streams. */
  output = "";
  /** Exit code, once both streams have ended; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #seen: Watched[] = [];

  constructor(args: string[], options: StartOptions = {}) {
    const preload = options.preload === undefined ? [] : ["--import", options.preload];
    const entry = path.join(options.root ?? ROOT, "lib/cli/start.mjs");
    this.child = spawn(process.execPath, [...preload, entry, ...args], {
      // An agent that nobody claims would hold up others on the machine.
      env: { ...process.env, STUDIO_WARM_AGENTS: "0", ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (piece: Buffer) => (this.output += piece.toString("utf8")));
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Waits until a text was printed behind `from`. @throws Error with what was printed instead */
  async says(pattern: RegExp, options: { from?: number; timeoutMs?: number } = {}): Promise<void> {
    const found = () => pattern.test(this.output.slice(options.from ?? 0));
    try {
      const over = () => this.child.exitCode !== null || this.child.signalCode !== null;
      await until(String(pattern), async () => found() || over(), options.timeoutMs ?? 120_000);
    } catch (error) {
      throw new Error(`${String(error)}\nprinted:\n${this.output}`, { cause: error });
    }
    if (!found()) throw new Error(`ended without saying ${pattern}:\n${this.output}`);
  }

  /** Every process below it at this moment, itself included. */
  tree(): Watched[] {
    const now = [this.pid, ...descendantsWith(this.pid, "")].flatMap((pid) => {
      const startedAt = startOf(pid);
      return startedAt === undefined ? [] : [{ pid, startedAt }];
    });
    this.#seen.push(...now);
    return now;
  }

  /** Ctrl-C in its terminal: the signal reaches every process of the group. */
  interrupt(): void {
    process.kill(-this.pid, "SIGINT");
  }

  /** Ends it, however far it came, and all that was ever seen below it. */
  async cleanUp(): Promise<void> {
    this.tree();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, 15_000))]);
    }
    killAll(alive(this.#seen).map(({ pid }) => pid));
    await this.ended;
  }
}

export interface Watched {
  pid: number;
  /** In clock ticks; tells a process from a later one of the same number. */
  startedAt: string;
}

/** Those of the processes that still run. */
export function alive(watched: Watched[]): Watched[] {
  return watched.filter(({ pid, startedAt }) => startOf(pid) === startedAt);
}
