import { Readable } from "node:stream";
import type { Worker } from "node:worker_threads";
import type { Bundle } from "../bundle.ts";
import type { ActionRequest, LoggedOutcome } from "../engine/actions.ts";
import type { Identity, Source } from "../engine/call.ts";
import { newRequestId, PlatformError } from "../engine/errors.ts";
import type { ActionWorkerData, SentRequest, SentResponse, TAKEN_BACK as Taken } from "./action-worker.ts";
import { Channel, type Methods } from "./channel.ts";
import { startThread } from "./thread.ts";
import { WatchMemory } from "./watch-memory.ts";

const TICK_MS = 500;
/** The platform's limit of one action. */
const MAX_HEAP_MB = 512;
/** New actions go to another worker when the present one has not stirred for this long. */
const STALLED_MS = 2_000;
/** One that has not stirred for this long is ended, with all that it runs. */
const MAX_STALL_MS = 20_000;
const IDLE_MS = 300_000;
/** The platform's limit of one action. */
const MAX_ACTION_MS = 600_000;
const TAKEN_BACK: typeof Taken = "taken back";
const CUT_SHORT = "Transient error while executing action";

/** An HTTP action's answer. */
export interface SiteResponse extends Omit<SentResponse, "body"> {
  body: Readable | null;
}

interface Thread {
  worker: Worker;
  channel: Channel;
  memory: WatchMemory;
  loaded: Promise<unknown>;
  active: number;
  /** The number of the last request given to this thread. */
  given: number;
  /** What may not have begun yet, by number: each can be taken back. */
  waiting: Map<number, () => void>;
  retired: boolean;
  beats: number;
  /** When it last stirred, or was last used. */
  stirredMs: number;
  usedMs: number;
}

/**
 * Runs actions in threads of their own, apart from the data. There is one as long as it answers; beside
 * one that computes without end a fresh one takes what comes next. None is kept that is not needed.
 */
export class ActionPool {
  private bundle: Promise<Bundle>;
  private readonly methods: Methods;
  private readonly tables = new Map<string, number>();
  private readonly threads = new Set<Thread>();
  private readonly ticker: NodeJS.Timeout;

  /** @param methods how an action's calls reach the data */
  constructor(bundle: Promise<Bundle>, methods: Methods) {
    this.bundle = bundle;
    this.methods = methods;
    this.ticker = setInterval(() => this.tick(), TICK_MS);
    this.ticker.unref();
  }

  /** The number of a table, for checking ids among arguments. */
  table(name: string, number: number): void {
    this.tables.set(name, number);
    for (const { channel } of this.threads) channel.tell("table", name, number);
  }

  /** What begins from now on runs the new code. */
  replace(bundle: Promise<Bundle>): void {
    this.bundle = bundle;
    for (const thread of this.threads) this.retire(thread);
  }

  async run(request: ActionRequest): Promise<LoggedOutcome> {
    const requestId = request.requestId ?? newRequestId();
    const failed = (message: string): LoggedOutcome => ({
      ok: false,
      failure: { message, requestId },
      logLines: [],
    });
    try {
      const work = this.give<LoggedOutcome>("run", [{ ...request, requestId }]);
      const done = work.then(({ result, release }) => {
        release();
        return result;
      });
      return await withDeadline(done, () =>
        failed(`Action execution timed out (maximum duration: ${MAX_ACTION_MS / 1000}s)`),
      );
    } catch (error) {
      return failed(error instanceof PlatformError ? error.message : `${CUT_SHORT}: ${String(error)}`);
    }
  }

  /** Null if the app has no route for this request. The response's body arrives while it is made. */
  async http(request: SentRequest, identity: Identity | null, source: Source): Promise<SiteResponse | null> {
    const given = await this.give<SentResponse | null>("http", [request, identity, source], request.body);
    const { result: response, thread, release } = given;
    if (!response?.body) {
      release();
      return response && { ...response, body: null };
    }
    // The thread is busy until the body is read.
    const readable = Readable.fromWeb(response.body);
    const cut = (): void => void readable.destroy(new Error(CUT_SHORT));
    thread.worker.once("exit", cut);
    readable.once("close", () => {
      thread.worker.off("exit", cut);
      release();
    });
    return { ...response, body: readable };
  }

  async close(): Promise<void> {
    clearInterval(this.ticker);
    await Promise.all([...this.threads].map((thread) => this.end(thread)));
  }

  /**
   * Has a thread do this; another one, if the first stalls before it has begun. `release` is to be called
   * when it is no longer needed.
   */
  private async give<T>(method: string, args: unknown[], body: SentRequest["body"] = null) {
    for (;;) {
      const { thread, release } = this.take();
      const number = ++thread.given;
      try {
        await thread.loaded;
        const isStream = body !== null && !(body instanceof Uint8Array);
        const answer = thread.channel.call<T | typeof TAKEN_BACK>(
          method,
          [number, ...args],
          isStream ? [body as never] : [],
        );
        // A stream that has moved to a thread stays there.
        const takenBack = new Promise<typeof TAKEN_BACK>((resolve) => {
          if (!isStream) thread.waiting.set(number, () => resolve(TAKEN_BACK));
        });
        const result = await Promise.race([answer, takenBack]);
        if (result !== TAKEN_BACK) return { result, thread, release };
        release();
      } catch (error) {
        release();
        throw error;
      } finally {
        thread.waiting.delete(number);
      }
    }
  }

  private take(): { thread: Thread; release: () => void } {
    const thread = this.pick();
    thread.active++;
    const release = (): void => {
      thread.active--;
      thread.usedMs = performance.now();
      if (thread.retired && thread.active === 0) void this.end(thread);
    };
    return { thread, release };
  }

  private pick(): Thread {
    const now = performance.now();
    for (const thread of this.threads) {
      if (!thread.retired && now - thread.stirredMs < STALLED_MS) return thread;
    }
    return this.spawn();
  }

  private spawn(): Thread {
    const memory = new WatchMemory();
    const workerData: ActionWorkerData = { entry: "./action-worker.ts", memory: memory.buffer };
    const worker = startThread(workerData, MAX_HEAP_MB);
    const channel = new Channel(worker, this.methods);
    const now = performance.now();
    const thread: Thread = {
      worker,
      channel,
      memory,
      loaded: this.bundle.then((bundle) => channel.call("load", [bundle, [...this.tables]])),
      active: 0,
      given: 0,
      waiting: new Map(),
      retired: false,
      beats: 0,
      stirredMs: now,
      usedMs: now,
    };
    thread.loaded.catch(() => undefined);
    let reason = "the worker of the actions ended";
    worker.setMaxListeners(0);
    worker.on("error", (error) => {
      reason = error.message;
    });
    worker.on("exit", () => {
      this.threads.delete(thread);
      channel.abandon(new Error(reason));
    });
    this.threads.add(thread);
    return thread;
  }

  private tick(): void {
    const now = performance.now();
    for (const thread of this.threads) {
      const { beats } = thread.memory;
      if (beats !== thread.beats) {
        thread.beats = beats;
        thread.stirredMs = now;
      }
      if (now - thread.stirredMs > STALLED_MS && thread.waiting.size > 0) takeBack(thread);
      if (now - thread.stirredMs > MAX_STALL_MS) {
        process.stderr.write("actions [ENDED] their worker computes without end; others go on\n");
        void this.end(thread);
      } else if (thread.active === 0 && now - thread.usedMs > IDLE_MS) {
        void this.end(thread);
      }
    }
  }

  private retire(thread: Thread): void {
    thread.retired = true;
    if (thread.active === 0) void this.end(thread);
  }

  private async end(thread: Thread): Promise<void> {
    this.threads.delete(thread);
    await thread.worker.terminate();
  }
}

function takeBack({ memory, given, waiting }: Thread): void {
  const begun = memory.revoke(given);
  for (const [number, move] of waiting) if (number > begun) move();
}

function withDeadline<T>(work: Promise<T>, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(late()), MAX_ACTION_MS);
    timer.unref();
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
