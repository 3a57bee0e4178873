import process from "node:process";
import { isFull, StorageError, StorageFull, type Store } from "../storage/sqlite.ts";
import { outsideCalls } from "./call.ts";
import { nextTurn, type Clock } from "./clock.ts";
import type { LimitOptions } from "./limits.ts";
import { Transaction, type Write } from "./transaction.ts";

const MAX_BATCH = 128;
const NANOSECONDS_PER_MS = 1_000_000n;

interface Job {
  readonly writes: boolean;
  /** `transaction` is set for jobs that write. Must not reject with anything but what the caller gets. */
  readonly run: (transaction: Transaction | null) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Runs everything that touches the data, one job at a time and in order of arrival, which makes every
 * mutation serializable without retries. Mutations that wait together share one SQLite transaction
 * (one fsync), each in a savepoint of its own, and are answered after the commit.
 */
export class Executor {
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly limits: LimitOptions | undefined;
  private readonly queue: Job[] = [];
  private looping = false;
  private closed = false;
  private idle: Promise<void> = Promise.resolve();
  private lastTs: bigint;
  private committed: bigint;
  /** Called inside each batch, last, for what is stored once a batch. */
  beforeCommit: () => void = () => undefined;
  /** Called after each commit with all that it wrote. */
  onCommit: (writes: readonly Write[]) => void = () => undefined;
  /** Called when a mutation, or a whole batch, was rolled back, for state kept beside the database. */
  onRollback: (batch: boolean) => void = () => undefined;
  /** Brings live queries up to date; called between jobs, never beside one. */
  refresh: () => Promise<void> = () => Promise.resolve();
  private refreshWanted = false;

  constructor(store: Store, clock: Clock, limits?: LimitOptions) {
    this.store = store;
    this.clock = clock;
    this.limits = limits;
    // A fresh or restored database must not answer with times that clients have already passed.
    const persisted = BigInt(store.meta("ts") ?? "0");
    const now = BigInt(Math.floor(clock.now())) * NANOSECONDS_PER_MS;
    this.lastTs = persisted >= now ? persisted + 1n : now;
    this.committed = this.lastTs;
    store.setMeta("ts", String(this.lastTs));
  }

  /** The time of the last commit: what queries see. */
  get ts(): bigint {
    return this.committed;
  }

  /** Runs `body` on committed data, alone. */
  read<T>(body: () => Promise<T>): Promise<T> {
    return this.enqueue(false, body);
  }

  /** Runs `body` with a transaction that only reads committed data. */
  view<T>(body: (transaction: Transaction) => T): Promise<T> {
    const { store, limits } = this;
    return this.enqueue(false, async () =>
      body(new Transaction({ store, writable: false, ts: this.ts, now: this.clock.now(), limits })),
    );
  }

  /** Runs `body` in a transaction; resolves after the commit, rejects with nothing written. */
  write<T>(body: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.enqueue(true, (transaction) => {
      if (!transaction) throw new Error("a write runs in a transaction");
      return body(transaction);
    });
  }

  /** Asks for a refresh of live queries soon. */
  wantRefresh(): void {
    this.refreshWanted = true;
    this.start();
  }

  /** Finishes what is queued, then refuses more. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.looping) await this.idle;
  }

  private enqueue<T>(writes: boolean, run: (transaction: Transaction | null) => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(new Error("The runtime is shutting down."));
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ writes, run, resolve: resolve as (value: unknown) => void, reject });
      this.start();
    });
  }

  private start(): void {
    if (this.looping) return;
    this.looping = true;
    this.idle = outsideCalls(() => this.loop());
  }

  private async loop(): Promise<void> {
    // A turn, not a microtask: writers that arrive together then form one batch.
    if (this.queue[0]?.writes) await this.turn();
    while (this.queue.length > 0 || this.refreshWanted) {
      if (this.refreshWanted) {
        this.refreshWanted = false;
        await this.refresh().catch((error: unknown) => {
          process.stderr.write(`live queries: ${String(error)}\n`);
        });
        continue;
      }
      if (this.queue[0]?.writes) {
        await this.batch();
        // Answers leave before the refresh, since a client waits for its own answer's transition.
        await this.turn();
      } else {
        const job = this.queue.shift();
        if (job) await job.run(null).then(job.resolve, job.reject);
      }
    }
    this.looping = false;
  }

  private turn(): Promise<void> {
    return this.clock.turn?.() ?? nextTurn();
  }

  private async batch(): Promise<void> {
    const answers: (() => void)[] = [];
    const jobs: Job[] = [];
    const writes: Write[] = [];
    try {
      this.store.begin();
      while (jobs.length < MAX_BATCH && this.queue[0]?.writes) {
        const job = this.queue.shift();
        if (!job) break;
        jobs.push(job);
        answers.push(await this.one(job, writes));
      }
      this.store.setMeta("ts", String(this.lastTs));
      this.beforeCommit();
      this.store.commit();
    } catch (error) {
      const jobsLost = jobs.length > 0 ? jobs : this.queue.splice(0, 1);
      this.abort(error, jobsLost);
      return;
    }
    this.committed = this.lastTs;
    this.onCommit(writes);
    for (const answer of answers) answer();
  }

  /** One mutation inside the batch. What it returns tells its caller, once the batch is on disk. */
  private async one(job: Job, writes: Write[]): Promise<() => void> {
    const transaction = new Transaction({
      store: this.store,
      writable: true,
      ts: this.nextTs(),
      now: this.clock.now(),
      limits: this.limits,
    });
    this.store.savepoint("mutation");
    this.store.failure = null;
    try {
      const value = await job.run(transaction);
      // The function may have caught the error of a write that was half done.
      if (this.store.failure) throw this.store.failure;
      this.store.release("mutation");
      for (const write of transaction.writes) writes.push(write);
      return () => job.resolve(value);
    } catch (error) {
      this.store.rollbackTo("mutation");
      this.onRollback(false);
      const reason = this.store.failure ? notSaved(this.store.failure) : error;
      return () => job.reject(reason);
    }
  }

  private abort(error: unknown, jobs: readonly Job[]): void {
    try {
      this.store.rollback();
    } catch (rollbackError) {
      process.stderr.write(`rollback failed: ${String(rollbackError)}\n`);
    }
    this.onRollback(true);
    const reason = notSaved(error);
    process.stderr.write(`storage: ${reason.message}\n`);
    for (const job of jobs) job.reject(reason);
  }

  private nextTs(): bigint {
    const now = BigInt(Math.floor(this.clock.now())) * NANOSECONDS_PER_MS;
    this.lastTs = now > this.lastTs ? now : this.lastTs + 1n;
    return this.lastTs;
  }
}

function notSaved(error: unknown): StorageError {
  const message = `The change was not saved: ${error instanceof Error ? error.message : String(error)}`;
  return isFull(error) ? new StorageFull(message) : new StorageError(message);
}
