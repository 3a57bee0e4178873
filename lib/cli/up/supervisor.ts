import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { StartFailure } from "./options.ts";
import type { Service } from "./services.ts";

const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];
/** A service that ran this long has recovered: its next fall is a first one. */
const STEADY_MS = 60_000;
const STOP_MS = 10_000;
const POLL_MS = 50;

const delay = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

interface Running {
  service: Service;
  child: ChildProcess | undefined;
  startedAt: number;
  falls: number;
  /** Last words of the process, for the sentence about its fall. */
  tail: string;
}

/** Keeps the local services running: starts each anew where it falls, and ends them all together. */
export class Supervisor {
  readonly #root: string;
  readonly #logs: string;
  readonly #say: (line: string) => void;
  readonly #running: Running[] = [];
  readonly #endsWithParent = spawnSync("setpriv", ["--version"]).status === 0;
  #stopping = false;

  /** @param say prints a line for the person who watches */
  constructor(options: { root: string; logs: string; say: (line: string) => void }) {
    this.#root = options.root;
    this.#logs = options.logs;
    this.#say = options.say;
    fs.mkdirSync(this.#logs, { recursive: true, mode: 0o700 });
  }

  /** Starts a service and answers once it is ready. @throws StartFailure with its last words where it is not */
  async start(service: Service): Promise<void> {
    const running: Running = { service, child: undefined, startedAt: 0, falls: 0, tail: "" };
    this.#running.push(running);
    this.#spawn(running);
    const deadline = Date.now() + service.readyMs;
    while (!(await ready(service.readyUrl))) {
      if (this.#stopping) throw new StartFailure("it was stopped.");
      if (running.falls > 0)
        throw new StartFailure(`${service.name} ended at once: ${running.tail.trim().slice(-1500)}`);
      if (Date.now() > deadline)
        throw new StartFailure(
          `${service.name} was not ready within ${service.readyMs / 1000} s. Its log: ${this.logOf(service)}`,
        );
      await delay(POLL_MS);
    }
  }

  /** A service's log file. */
  logOf(service: Service): string {
    return path.join(this.#logs, `${service.name.replaceAll(" ", "-")}.log`);
  }

  /** Ends a service's process; the supervisor starts it anew at once. */
  restart(name: string): void {
    const running = this.#running.find((r) => r.service.name === name);
    running?.child?.kill("SIGTERM");
  }

  /** Ends everything, the last started first. Where a process does not end in time it is killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { child } of this.#running.toReversed()) {
      if (!child?.pid || child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const inTime = await Promise.race([ended.then(() => true), delay(STOP_MS).then(() => false)]);
      if (!inTime) {
        signalGroup(child.pid, "SIGKILL");
        await ended;
      }
      // What a service itself had started ends with it.
      signalGroup(child.pid, "SIGKILL");
    }
  }

  #spawn(running: Running): void {
    const { service } = running;
    const log = fs.openSync(this.logOf(service), "a", 0o600);
    const command = [process.execPath, "--disable-warning=ExperimentalWarning", ...service.args];
    // Also where this process is killed, its services must not stay behind.
    const [file = "", ...args] = this.#endsWithParent
      ? ["setpriv", "--pdeathsig", "SIGTERM", ...command]
      : command;
    const child = spawn(file, args, {
      cwd: this.#root,
      env: { ...process.env, ...service.env },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: Ctrl-C reaches this process alone, which ends the services in order.
      detached: true,
    });
    running.child = child;
    running.startedAt = Date.now();
    running.tail = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (piece: Buffer) => {
        fs.writeSync(log, piece);
        running.tail = (running.tail + piece.toString("utf8")).slice(-4000);
      });
    child.once("error", (error) => {
      running.tail += error.message;
    });
    child.once("close", (code, signal) => {
      fs.closeSync(log);
      void this.#onEnd(running, signal ?? `code ${code}`);
    });
  }

  async #onEnd(running: Running, how: string): Promise<void> {
    if (this.#stopping) return;
    if (Date.now() - running.startedAt > STEADY_MS) running.falls = 0;
    const wait = BACKOFF_MS[Math.min(running.falls, BACKOFF_MS.length - 1)] ?? 30_000;
    running.falls++;
    this.#say(
      `${running.service.name} ended (${how}); starting it again in ${wait / 1000} s. Its log: ${this.logOf(running.service)}`,
    );
    await delay(wait);
    if (this.#stopping) return;
    this.#spawn(running);
    const startedAt = Date.now();
    while (!this.#stopping && Date.now() - startedAt < running.service.readyMs) {
      if (await ready(running.service.readyUrl)) return this.#say(`${running.service.name} is back.`);
      await delay(POLL_MS * 4);
    }
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: the group has ended already, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function ready(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
