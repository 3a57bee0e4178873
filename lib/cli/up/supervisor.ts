import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pauseFor, TimedOut, until } from "#net/retry.ts";
import { signalGroup, startNode } from "./child.ts";
import { untilHung } from "./hang.ts";
import { StartFailure } from "./options.ts";
import type { Service } from "./services.ts";

const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];
/** A service that ran this long has recovered: its next fall is a first one. */
const STEADY_MS = 60_000;
const STOP_MS = 10_000;
const POLL_MS = 50;
const READY_MS = 2_000;

interface Running {
  service: Service;
  child: ChildProcess | undefined;
  startedAt: number;
  /** Has been ready once: only then is it started again where it falls. */
  settled: boolean;
  /** How its process ended, while it has none. */
  ended: string | undefined;
  falls: number;
  /** Where its process's words begin in the log. */
  logFrom: number;
}

/** Keeps the local services running: restarts each that ends or hangs, and ends them all together. */
export class Supervisor {
  readonly #root: string;
  readonly #logs: string;
  readonly #say: (line: string) => void;
  readonly #running: Running[] = [];
  readonly #stop = new AbortController();

  /** @param say prints a line for the person who watches */
  constructor(options: { root: string; logs: string; say: (line: string) => void }) {
    this.#root = options.root;
    this.#logs = options.logs;
    this.#say = options.say;
    fs.mkdirSync(this.#logs, { recursive: true, mode: 0o700 });
  }

  get #stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Starts a service; resolves once it is ready. @throws StartFailure with its last words where it is not */
  async start(service: Service): Promise<void> {
    const running: Running = {
      service,
      child: undefined,
      startedAt: 0,
      settled: false,
      ended: undefined,
      falls: 0,
      logFrom: 0,
    };
    this.#running.push(running);
    this.#spawn(running);
    const look = async () => {
      if (await ready(service.readyUrl)) return true;
      if (this.#stopping) throw new StartFailure("it was stopped.");
      if (running.ended !== undefined)
        throw new StartFailure(
          `${service.name} ended at once (${running.ended}): ${this.#lastWords(running)}`,
        );
      return false;
    };
    try {
      await until(service.name, look, { timeoutMs: service.readyMs, everyMs: POLL_MS });
    } catch (error) {
      if (!(error instanceof TimedOut)) throw error;
      throw new StartFailure(
        `${service.name} was not ready within ${service.readyMs / 1000} s. Its log: ${this.logOf(service)}`,
      );
    }
    running.settled = true;
    void this.#watch(running);
    // It may have fallen between its answer and this line.
    if (running.ended !== undefined) void this.#again(running);
  }

  /** A service's log file. */
  logOf(service: Service): string {
    return path.join(this.#logs, `${service.name.replaceAll(" ", "-")}.log`);
  }

  #lastWords({ service, logFrom }: Running): string {
    return fs.readFileSync(this.logOf(service)).subarray(logFrom).toString("utf8").trim().slice(-1500);
  }

  /** Ends a service's process; the supervisor restarts it at once. */
  restart(name: string): void {
    const running = this.#running.find((r) => r.service.name === name);
    running?.child?.kill("SIGTERM");
  }

  /** Ends everything, the last started first. Where a process does not end in time it is killed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const { child } of this.#running.toReversed()) {
      if (!child?.pid || child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const inTime = new AbortController();
      const late = pauseFor(STOP_MS, inTime.signal).then(
        () => true,
        () => false,
      );
      const isLate = await Promise.race([ended.then(() => false), late]);
      inTime.abort();
      if (isLate) {
        signalGroup(child.pid, "SIGKILL");
        await ended;
      }
    }
  }

  #spawn(running: Running): void {
    const { service } = running;
    // A file, not a pipe: where this process is killed, a service that still writes must not choke on it.
    const log = fs.openSync(this.logOf(service), "a", 0o600);
    const child = startNode(["--disable-warning=ExperimentalWarning", ...service.args], {
      cwd: this.#root,
      env: { ...process.env, ...service.env },
      output: log,
    });
    running.child = child;
    running.startedAt = Date.now();
    running.ended = undefined;
    running.logFrom = fs.fstatSync(log).size;
    fs.closeSync(log);
    const onEnd = (how: string) => {
      // What the service itself had started ends with it.
      if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
      running.ended = how;
      if (running.settled) void this.#again(running);
    };
    child.once("exit", (code, signal) => onEnd(signal ?? `code ${code}`));
    child.once("error", (error) => {
      // One that could not even be started never exits.
      if (child.pid === undefined) onEnd(error.message);
    });
  }

  /** Ends a service's process once it hangs; `#again` then starts it again. */
  async #watch({ service, child }: Running): Promise<void> {
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const over = new AbortController();
    child.once("exit", () => over.abort());
    const look = async (deadlineMs: number) => await ready(service.readyUrl, deadlineMs);
    const signal = AbortSignal.any([over.signal, this.#stop.signal]);
    if (!(await untilHung(child.pid, look, { signal }))) return;
    this.#say(`${service.name} hangs: it responds to nothing. Ending it.`);
    signalGroup(child.pid, "SIGKILL");
  }

  /** Starts a fallen service again, after a while that grows with each fall. */
  async #again(running: Running): Promise<void> {
    if (this.#stopping) return;
    if (Date.now() - running.startedAt > STEADY_MS) running.falls = 0;
    const wait = BACKOFF_MS[Math.min(running.falls, BACKOFF_MS.length - 1)] ?? 30_000;
    running.falls++;
    this.#say(
      `${running.service.name} ended (${running.ended}); starting it again in ${wait / 1000} s. Its log: ${this.logOf(running.service)}`,
    );
    await pauseFor(wait, this.#stop.signal).catch(() => undefined);
    if (this.#stopping) return;
    this.#spawn(running);
    const look = async () => {
      // Where it falls once more, another call of this takes over.
      if (this.#stopping || running.ended !== undefined) return "over";
      return (await ready(running.service.readyUrl)) && "back";
    };
    const { name, readyMs } = running.service;
    const found = await until(name, look, { timeoutMs: readyMs, everyMs: POLL_MS * 4 }).catch(() => "silent");
    if (found === "back") this.#say(`${name} is back.`);
    if (found !== "over") void this.#watch(running);
    if (found === "silent")
      this.#say(`${name} runs but does not answer. Its log: ${this.logOf(running.service)}`);
  }
}

async function ready(url: string, deadlineMs = READY_MS): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(deadlineMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
