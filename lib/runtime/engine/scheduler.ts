import type { ActionRunner } from "./actions.ts";
import { encodeKey, prefixEnd } from "../storage/keys.ts";
import type { Store } from "../storage/sqlite.ts";
import { NO_SOURCE } from "./call.ts";
import { BY_DUE, SCHEDULED, type Catalog } from "./catalog.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import type { Executor } from "./executor.ts";
import { canonicalPath, type FunctionRegistry, type ResolvedFunction } from "./functions.ts";
import { decode, decodeDocument, encodeText, textOf, type Document, type JsonObject } from "./json.ts";
import type { Outcome, Runner } from "./runner.ts";
import type { Transaction, Write } from "./transaction.ts";

const MAX_DUE = 512;
const MAX_ACTIONS = 256;
const RETRY_MS = 1_000;
const LONGEST_SLEEP_MS = 60_000;

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
  actions: ActionRunner;
  clock: Clock;
}

/**
 * Runs scheduled functions when they are due. A mutation runs in the transaction that marks its job as
 * done, so exactly once; an action is marked before it begins, so at most once.
 */
export class Scheduler {
  private readonly parts: SchedulerParts;
  private readonly busy = new Map<string, Promise<void>>();
  private actions = 0;
  private cancelTimer: () => void = () => undefined;
  private running = false;
  private waking = false;

  constructor(parts: SchedulerParts) {
    this.parts = parts;
  }

  /** Fails the actions that a crash cut short, then begins. */
  async start(): Promise<void> {
    const { actions, executor, jobs, store } = this.parts;
    await executor.write(async (transaction) => {
      for (const job of jobs.list(store, "inProgress", Number.MAX_SAFE_INTEGER)) {
        const outcome = actions.rejoin?.(job.id);
        if (outcome) {
          this.settle(
            job,
            outcome.then((ended) => this.finishAction(job, ended)),
          );
          continue;
        }
        jobs.finish(transaction, job.id, {
          kind: "failed",
          error: "Transient error while executing action",
        });
      }
    });
    this.running = true;
    this.wake();
  }

  stop(): void {
    this.running = false;
    this.cancelTimer();
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
    for (const job of jobs.list(store, "pending", MAX_DUE)) {
      if (this.busy.has(job.id)) continue;
      if (job.dueMs > now) {
        // Without a job to wait for, no timer: the next one is noticed when it is committed.
        const sleep = Math.min(LONGEST_SLEEP_MS, Math.max(1, Math.ceil(job.dueMs - now)));
        this.cancelTimer = clock.timer(() => this.wake(), sleep);
        break;
      }
      this.launch(job);
    }
  }

  /** Looks for due jobs now; for those whose clock has jumped. */
  poke(): void {
    this.wake();
  }

  /** How many jobs run now. */
  get inProgress(): number {
    return this.busy.size;
  }

  /** Resolves when none of the jobs runs any more that run now, or that these cause at once. */
  async settled(): Promise<void> {
    while (this.busy.size > 0) await Promise.all(this.busy.values());
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
    const release = (): void => {
      this.busy.delete(job.id);
      this.wakeSoon();
    };
    const ended = work.then(release, (error: unknown) => {
      // The storage refused: the job is still pending, and tried again soon.
      process.stderr.write(`scheduler: ${job.path}: ${String(error)}\n`);
      this.parts.clock.timer(release, RETRY_MS);
    });
    this.busy.set(job.id, ended);
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
        const call = runner.newCall({
          kind: "mutation",
          path: target.path,
          identity: null,
          transaction,
          source: { ...NO_SOURCE, scheduledFunctionId: job.id },
        });
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
    const { actions, executor, jobs } = this.parts;
    const begun = await executor.write(async (transaction) => {
      if (jobs.state(transaction, job.id) !== "pending") return false;
      jobs.start(transaction, job.id);
      return true;
    });
    if (!begun) return;
    const outcome = await actions.run({
      path: target.path,
      args: job.argsText,
      identity: null,
      internal: true,
      source: { ...NO_SOURCE, scheduledFunctionId: job.id },
    });
    await this.finishAction(job, outcome);
  }

  private finishAction(job: Job, outcome: Outcome): Promise<void> {
    const { executor, jobs } = this.parts;
    return executor.write(async (transaction) => {
      if (jobs.state(transaction, job.id) !== "inProgress") return;
      const state = outcome.ok ? { kind: "success" } : { kind: "failed", error: outcome.failure.message };
      jobs.finish(transaction, job.id, state);
    });
  }
}

class JobFailed extends Error {}
