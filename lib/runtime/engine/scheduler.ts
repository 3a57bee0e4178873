import { encodeKey, prefixEnd } from "../storage/keys.ts";
import type { Store } from "../storage/sqlite.ts";
import { BY_DUE, SCHEDULED, type Catalog } from "./catalog.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import { toFailure } from "./errors.ts";
import type { Executor } from "./executor.ts";
import { canonicalPath, type FunctionRegistry, type ResolvedFunction } from "./functions.ts";
import { decode, decodeDocument, encodeText, textOf, type Document, type JsonObject } from "./json.ts";
import type { Runner } from "./runner.ts";
import type { Transaction, Write } from "./transaction.ts";

const MAX_DUE = 512;
const MAX_ACTIONS = 256;
const RETRY_MS = 1_000;
const LONGEST_SLEEP_MS = 60_000;
const CLEAN_EVERY_MS = 3_600_000;
const KEEP_JOBS_MS = 7 * 86_400_000;
const KEEP_ANSWERS_MS = 14 * 86_400_000;
const CLEAN_BATCH = 1_000;
const FINISHED = ["success", "failed", "canceled"];

interface Job {
  id: string;
  path: string;
  argsText: string;
  dueMs: number;
}

/** The rows of `_scheduled_functions`. */
export class JobQueue {
  private readonly catalog: Catalog;
  private readonly database: Database;

  constructor(catalog: Catalog, database: Database) {
    this.catalog = catalog;
    this.database = database;
  }

  add(transaction: Transaction, job: { path: string; args: JsonObject; dueMs: number }): string {
    const [module, name] = job.path.split(":");
    return this.database.insert(transaction, SCHEDULED, {
      name: `${module}.js:${name}`,
      args: [decode(job.args)],
      scheduledTime: job.dueMs,
      state: { kind: "pending" },
    });
  }

  /** A job that has begun, or ended, or is not there, stays as it is. */
  cancel(transaction: Transaction, id: string): void {
    if (this.state(transaction, id) !== "pending") return;
    this.finish(transaction, id, { kind: "canceled" });
  }

  state(transaction: Transaction, id: string): string | null {
    if (this.catalog.tableOf(id)?.name !== SCHEDULED) return null;
    const body = this.database.read(transaction, id);
    if (body === null) return null;
    return textOf((decodeDocument(body)["state"] as Document)["kind"]);
  }

  finish(transaction: Transaction, id: string, state: { kind: string; error?: string }): void {
    this.database.setFields(transaction, id, { state, completedTime: transaction.now });
  }

  start(transaction: Transaction, id: string): void {
    this.database.setFields(transaction, id, { state: { kind: "inProgress" } });
  }

  remove(transaction: Transaction, id: string): void {
    this.database.removeSystem(transaction, id);
  }

  get index(): number {
    return this.catalog.table(SCHEDULED)?.indexes.get(BY_DUE)?.number ?? -1;
  }

  /** Jobs in a state, those due first first. */
  list(store: Store, state: string, limit: number): Job[] {
    const prefix = encodeKey([state]);
    return store.scan(this.index, prefix, prefixEnd(prefix), "asc", limit).map(({ body }) => {
      const document = decodeDocument(body);
      const [args] = document["args"] as [Document];
      return {
        id: textOf(document["_id"]),
        path: canonicalPath(textOf(document["name"])),
        argsText: encodeText(args),
        dueMs: Number(document["scheduledTime"]),
      };
    });
  }
}

export interface SchedulerParts {
  store: Store;
  jobs: JobQueue;
  executor: Executor;
  functions: FunctionRegistry;
  runner: Runner;
  clock: Clock;
}

/**
 * Runs scheduled functions when they are due. A mutation runs in the transaction that marks its job as
 * done, so exactly once; an action is marked before it begins, so at most once.
 */
export class Scheduler {
  private readonly parts: SchedulerParts;
  private readonly busy = new Set<string>();
  private actions = 0;
  private cancelTimer: () => void = () => undefined;
  private cancelCleaning: () => void = () => undefined;
  private running = false;
  private waking = false;

  constructor(parts: SchedulerParts) {
    this.parts = parts;
  }

  /** Fails the actions that a crash cut short, then begins. */
  async start(): Promise<void> {
    const { executor, jobs, store } = this.parts;
    await executor.write(async (transaction) => {
      for (const job of jobs.list(store, "inProgress", Number.MAX_SAFE_INTEGER)) {
        jobs.finish(transaction, job.id, {
          kind: "failed",
          error: "Transient error while executing action",
        });
      }
    });
    this.running = true;
    this.wake();
    this.clean();
  }

  stop(): void {
    this.running = false;
    this.cancelTimer();
    this.cancelCleaning();
  }

  /** Called after each commit. */
  noticed(writes: readonly Write[]): void {
    if (!this.running) return;
    const { index } = this.parts.jobs;
    if (writes.some((write) => "key" in write && write.index === index)) this.wakeSoon();
  }

  /** Many jobs that end or come together are looked at once. */
  private wakeSoon(): void {
    if (this.waking) return;
    this.waking = true;
    this.parts.clock.timer(() => {
      this.waking = false;
      this.wake();
    }, 0);
  }

  private wake(): void {
    if (!this.running) return;
    this.cancelTimer();
    const { clock, jobs, store } = this.parts;
    const now = clock.now();
    let sleep = LONGEST_SLEEP_MS;
    for (const job of jobs.list(store, "pending", MAX_DUE)) {
      if (this.busy.has(job.id)) continue;
      if (job.dueMs > now) {
        sleep = Math.min(sleep, job.dueMs - now);
        break;
      }
      this.launch(job);
    }
    this.cancelTimer = clock.timer(() => this.wake(), Math.max(1, Math.ceil(sleep)));
  }

  private launch(job: Job): void {
    const target = this.target(job);
    if (target instanceof Error) return this.settle(job, this.fail(job, target));
    if (target.kind === "mutation") return this.settle(job, this.runMutation(job, target));
    if (this.actions >= MAX_ACTIONS) return;
    this.actions++;
    this.settle(
      job,
      this.runAction(job, target).finally(() => {
        this.actions--;
      }),
    );
  }

  private settle(job: Job, work: Promise<void>): void {
    this.busy.add(job.id);
    const release = (): void => {
      this.busy.delete(job.id);
      this.wakeSoon();
    };
    work.then(release, (error: unknown) => {
      // The storage refused: the job is still pending, and tried again soon.
      process.stderr.write(`scheduler: ${job.path}: ${String(error)}\n`);
      this.parts.clock.timer(release, RETRY_MS);
    });
  }

  private target(job: Job): ResolvedFunction | Error {
    try {
      return this.parts.functions.resolve(job.path, ["mutation", "action"], true);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private fail(job: Job, error: Error): Promise<void> {
    return this.parts.executor.write(async (transaction) => {
      this.parts.jobs.finish(transaction, job.id, { kind: "failed", error: error.message });
    });
  }

  private async runMutation(job: Job, target: ResolvedFunction): Promise<void> {
    const { executor, jobs, runner } = this.parts;
    const failed = await executor
      .write(async (transaction) => {
        if (jobs.state(transaction, job.id) !== "pending") return;
        const call = runner.newCall({ kind: "mutation", path: target.path, identity: null, transaction });
        const outcome = await runner.run(call, target, job.argsText);
        if (!outcome.ok) throw new JobFailed(outcome.failure.message);
        jobs.finish(transaction, job.id, { kind: "success" });
      })
      .then(
        () => null,
        (error: unknown) => {
          if (error instanceof JobFailed) return error;
          throw error;
        },
      );
    if (failed) await this.fail(job, failed);
  }

  private async runAction(job: Job, target: ResolvedFunction): Promise<void> {
    const { executor, jobs, runner } = this.parts;
    const begun = await executor.write(async (transaction) => {
      if (jobs.state(transaction, job.id) !== "pending") return false;
      jobs.start(transaction, job.id);
      return true;
    });
    if (!begun) return;
    const call = runner.newCall({ kind: "action", path: target.path, identity: null, transaction: null });
    const outcome = await runner.run(call, target, job.argsText);
    await executor.write(async (transaction) => {
      if (jobs.state(transaction, job.id) !== "inProgress") return;
      jobs.finish(
        transaction,
        job.id,
        outcome.ok ? { kind: "success" } : { kind: "failed", error: outcome.failure.message },
      );
    });
  }

  /** Forgets finished jobs after a week and answered requests after two, some at a time. */
  private clean(): void {
    const { clock, executor, jobs, store } = this.parts;
    const now = clock.now();
    executor
      .write(async (transaction) => {
        store.forgetAnswersBefore(now - KEEP_ANSWERS_MS);
        for (const state of FINISHED) {
          for (const job of jobs.list(store, state, CLEAN_BATCH)) {
            if (job.dueMs >= now - KEEP_JOBS_MS) break;
            jobs.remove(transaction, job.id);
          }
        }
      })
      .catch((error: unknown) => {
        process.stderr.write(`cleaning: ${toFailure(error).message}\n`);
      });
    this.cancelCleaning = clock.timer(() => this.clean(), CLEAN_EVERY_MS);
  }
}

class JobFailed extends Error {}
