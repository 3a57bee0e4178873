import type { Worker } from "node:worker_threads";
import type { Bundle } from "../bundle.ts";
import { FunctionError, toFailure } from "../engine/errors.ts";
import { toLogged, type Execution } from "../engine/executions.ts";
import { timedOut } from "../engine/own-time.ts";
import { AppError } from "../project.ts";
import type { AuthProvider } from "../front/auth.ts";
import { StorageError } from "../storage/sqlite.ts";
import { Channel, type Methods } from "./channel.ts";
import type { DataWorkerData, Refused } from "./data-worker.ts";
import { startThread } from "./thread.ts";
import { WatchMemory, type Running } from "./watch-memory.ts";

export interface Opened {
  /** Time of the last commit, in nanoseconds. */
  ts: bigint;
  providers: AuthProvider[];
}
interface Request {
  method: string;
  args: unknown[];
  /** What the worker shows while it runs this. */
  requestId: string | null;
  tries: number;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}
interface Thread {
  worker: Worker;
  channel: Channel;
  memory: WatchMemory;
}
export interface DataHostOptions {
  database: string;
  url: string;
  /** What the worker may call, and is told by it. */
  methods: Methods;
  /**
   * Called when another worker has taken over, before anything else is asked of it. Returns the ids of
   * scheduled actions that go on from before.
   */
  onTakeover: () => string[];
  /** Told of a function that was ended together with its worker. */
  onKilled: (execution: Execution) => void;
}

const TICK_MS = 100;
const MAX_HEAP_MB = 1024;
/** A function that computes this long without a pause is ended with its worker. */
const MAX_COMPUTING_MS = 1_200;
const MAX_CPU_MS = 1_000;
const MAX_TRIES = 3;
const MAX_CLOSE_MS = 3_000;
const MAX_LOAD_MS = 30_000;
const MAX_OPEN_TRIES = 5;
const REFUSE_MS = 10_000;
const MAX_REFUSE_MS = 600_000;

/**
 * Keeps the thread that holds the data running. A function that computes without end, or brings its
 * thread down, costs only itself: the worker is restarted, and everything else that was asked of it
 * and not answered is asked again. That is safe since a worker answers right after each commit, before it
 * runs another function: what is unanswered was not committed.
 */
export class DataHost {
  private readonly options: DataHostOptions;
  private bundle: Promise<Bundle>;
  private current: Thread | null = null;
  private readonly pending = new Set<Request>();
  private refused: Refused[] = [];
  private readonly offences = new Map<string, number>();
  private readonly ticker: NodeJS.Timeout;
  private suspect: { text: string; sinceMs: number; cpuMs: number | null } | null = null;
  private closing = false;
  private changing: Promise<unknown> = Promise.resolve();
  /** A worker that is being ended by force: until then it may still have the data open. */
  private ending: Promise<void> = Promise.resolve();
  private readonly threads = new Set<Thread>();

  constructor(bundle: Promise<Bundle>, options: DataHostOptions) {
    this.bundle = bundle;
    this.options = options;
    this.ticker = setInterval(() => void this.tick(), TICK_MS);
    this.ticker.unref();
  }

  /** @throws AppError if the app or its stored data do not allow it */
  async open(): Promise<Opened> {
    const next = this.spawn();
    try {
      const bundle = await this.bundle;
      await load(next, bundle);
      const opened = await next.channel.call<Opened>("open", [bundle]);
      this.current = next;
      return opened;
    } catch (error) {
      await this.end(next);
      throw error;
    }
  }

  /** Asks the worker, whichever it is by then. `requestId` tells the request's functions. */
  call<T>(method: string, args: unknown[], requestId: string | null = null): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const request = {
        method,
        args,
        requestId,
        tries: 0,
        resolve: resolve as (value: unknown) => void,
        reject,
      };
      this.pending.add(request);
      if (this.current) this.send(request, this.current);
    });
  }

  /** Tells the worker something about a client; without effect while there is none. */
  tell(method: string, ...args: unknown[]): void {
    this.current?.channel.tell(method, ...args);
  }

  /**
   * Goes over to another bundle; requests wait meanwhile. If it cannot be loaded, or does not fit the
   * stored data, the present one goes on.
   * @throws AppError
   */
  replace(bundle: Bundle): Promise<Opened> {
    return this.inTurn(() => this.goOver(bundle));
  }

  /**
   * Has a worker do something with the data while nobody else uses them; requests wait meanwhile.
   * @param onSettled told how it ended before anything else is asked of a worker: null for well
   */
  exclusively<T>(
    method: string,
    args: unknown[],
    onSettled: (result: T | null, error: unknown) => void,
  ): Promise<T> {
    return this.inTurn(async () => {
      await this.vacate();
      const next = this.spawn();
      let settled = false;
      try {
        const bundle = await this.bundle;
        await load(next, bundle);
        const result = await next.channel.call<T>(method, args);
        settled = true;
        onSettled(result, null);
        await next.channel.call("open", [bundle]);
        this.takeOver(next);
        return result;
      } catch (error) {
        // First, since a worker that still runs may yet do what was asked.
        await this.end(next);
        if (!settled) onSettled(null, error);
        await this.restart();
        throw error;
      }
    });
  }

  /** Has nobody use the data. */
  private async vacate(): Promise<void> {
    const { current } = this;
    this.current = null;
    if (current) await this.finish(current);
    await this.ending;
  }

  /** One change of workers after another. */
  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.changing.then(change);
    this.changing = turn.catch(() => undefined);
    return turn;
  }

  private async goOver(bundle: Bundle): Promise<Opened> {
    const next = this.spawn();
    try {
      await load(next, bundle);
    } catch (error) {
      await this.end(next);
      throw error;
    }
    await this.vacate();
    try {
      const opened = await next.channel.call<Opened>("open", [bundle]);
      this.bundle = Promise.resolve(bundle);
      this.refused = [];
      this.takeOver(next);
      return opened;
    } catch (error) {
      await this.end(next);
      await this.restart();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    clearInterval(this.ticker);
    const { current } = this;
    if (current) await this.finish(current);
    // Those that are not, or not yet, the current one.
    for (const thread of this.threads) await this.end(thread);
    for (const { reject } of this.pending) reject(new Error("The runtime is shutting down."));
    this.pending.clear();
  }

  private spawn(): Thread {
    const memory = new WatchMemory();
    const { database, url, methods } = this.options;
    this.refused = this.refused.filter(({ untilMs }) => untilMs > Date.now());
    const { refused } = this;
    const workerData: DataWorkerData = {
      entry: "./data-worker.ts",
      memory: memory.buffer,
      database,
      url,
      refused,
    };
    const worker = startThread(workerData, MAX_HEAP_MB);
    const channel = new Channel(worker, methods);
    const running = { worker, channel, memory };
    this.threads.add(running);
    let reason = "it ended by itself";
    worker.on("error", (error) => {
      reason = error.message;
    });
    worker.on("exit", () => {
      this.threads.delete(running);
      channel.abandon(new AppError(`The worker of the functions ended: ${reason}`));
      if (this.current === running) void this.lost(running, reason);
    });
    return running;
  }

  private async end(thread: Thread): Promise<void> {
    const { worker, channel } = thread;
    this.threads.delete(thread);
    worker.removeAllListeners("exit");
    channel.abandon(new Error("The worker was ended."));
    await worker.terminate();
  }

  /** Lets a worker finish what it has begun, if that comes to an end. */
  private async finish(thread: Thread): Promise<void> {
    const closed = thread.channel.call("close", []).catch(() => undefined);
    const late = new Promise((resolve) => {
      setTimeout(resolve, MAX_CLOSE_MS).unref();
    });
    await Promise.race([closed, late]);
    await this.end(thread);
  }

  private send(request: Request, running: Thread): void {
    request.tries++;
    running.channel.call(request.method, request.args).then(
      (value) => {
        if (this.pending.delete(request)) request.resolve(value);
      },
      (error: unknown) => {
        // A worker that is gone has answered nothing; its successor is asked again.
        if (this.current === running && this.pending.delete(request)) request.reject(error);
      },
    );
  }

  private async tick(): Promise<void> {
    const running = this.current;
    const computing = running?.memory.computing ?? null;
    if (!running || computing === null) {
      this.suspect = null;
      return;
    }
    if (this.suspect?.text !== computing) {
      const suspect = { text: computing, sinceMs: performance.now(), cpuMs: null as number | null };
      this.suspect = suspect;
      suspect.cpuMs = await cpuOf(running.worker);
      return;
    }
    const { cpuMs, sinceMs } = this.suspect;
    if (performance.now() - sinceMs < MAX_COMPUTING_MS || cpuMs === null) return;
    // On a busy machine the thread may not have had its second yet.
    const spent = (await cpuOf(running.worker)) - cpuMs;
    if (spent < MAX_CPU_MS || this.current !== running || running.memory.computing !== computing) return;
    this.suspect = null;
    const culprit = running.memory.running;
    this.current = null;
    this.ending = this.end(running).then(() => this.blame(culprit, "it computed for longer than a second"));
    await this.ending;
    await this.replaceLost();
  }

  private async lost(running: Thread, reason: string): Promise<void> {
    this.current = null;
    if (this.closing) return;
    this.blame(running.memory.running, reason);
    await this.replaceLost();
  }

  /** In turn, so that no two workers open the data at once. */
  private replaceLost(): Promise<void> {
    return this.inTurn(async () => {
      if (!this.current) await this.restart();
    });
  }

  /** Fails what was running, and refuses it for a while, for longer each time. */
  private blame(culprit: Running | null, reason: string): void {
    process.stderr.write(`${culprit?.path ?? "no function"} [ENDED] ${reason}; the worker restarts\n`);
    if (!culprit) return;
    const { kind, path, args, requestId } = culprit;
    const key = `${path}\n${args}`;
    const offences = (this.offences.get(key) ?? 0) + 1;
    this.offences.set(key, offences);
    const untilMs = Date.now() + Math.min(REFUSE_MS * 2 ** (offences - 1), MAX_REFUSE_MS);
    this.refused.push({ path, args, untilMs });
    const failure = toFailure(timedOut(), requestId);
    this.options.onKilled({
      kind,
      path,
      requestId,
      endedMs: Date.now(),
      tookMs: MAX_COMPUTING_MS,
      logged: toLogged([]),
      error: failure.message,
    });
    for (const request of this.pending) {
      if (request.requestId !== requestId) continue;
      this.pending.delete(request);
      request.reject(new FunctionError(failure));
    }
  }

  private async restart(): Promise<void> {
    for (let tries = 1; !this.closing; tries++) {
      const next = this.spawn();
      try {
        await next.channel.call("open", [await this.bundle]);
        return this.takeOver(next);
      } catch (error) {
        await this.end(next);
        process.stderr.write(`the worker does not start: ${String(error)}\n`);
        if (tries >= MAX_OPEN_TRIES) return this.giveUp(error);
        await new Promise((resolve) => {
          setTimeout(resolve, TICK_MS * 2 ** tries);
        });
      }
    }
  }

  private takeOver(next: Thread): void {
    this.current = next;
    const scheduledFunctions = this.options.onTakeover();
    next.channel.call("start", [scheduledFunctions]).catch((error: unknown) => {
      process.stderr.write(`the schedule does not start: ${String(error)}\n`);
    });
    for (const request of Array.from(this.pending)) {
      if (request.tries < MAX_TRIES) {
        this.send(request, next);
        continue;
      }
      this.pending.delete(request);
      request.reject(new StorageError("The functions' worker ended while it was to answer this."));
    }
  }

  private giveUp(error: unknown): void {
    process.stderr.write(`the runtime cannot go on: ${String(error)}\n`);
    process.exit(1);
  }
}

/** @throws AppError also for modules that never come to an end */
async function load({ channel }: Thread, bundle: Bundle): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new AppError(`The app's modules did not load within ${MAX_LOAD_MS / 1000} s.`));
    }, MAX_LOAD_MS);
  });
  try {
    await Promise.race([channel.call("load", [bundle]), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A thread's processor time in milliseconds. */
async function cpuOf(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage();
  return (user + system) / 1_000;
}
