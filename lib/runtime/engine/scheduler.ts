import process from "node:process";
import type { ActionRunner } from "./actions.ts";
import type { Store } from "../storage/sqlite.ts";
import { NO_SOURCE } from "./call.ts";
import type { Clock } from "./clock.ts";
import type { Executor } from "./executor.ts";
import type { FunctionRegistry, ResolvedFunction } from "./functions.ts";
import type { Job, JobQueues } from "./job-queue.ts";
import type { Outcome, Runner } from "./runner.ts";
import type { Write } from "./transaction.ts";

const MAX_DUE = 512;
const MAX_ACTIONS = 256;
const RETRY_MS = 1_000;
const LONGEST_SLEEP_MS = 60_000;

export interface SchedulerParts {
  store: Store;
  jobs: JobQueues;
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
        job.queue.finish(transaction, job.id, {
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
    const { jobs } = this.parts;
    let last = -1;
    const tells = writes.some((write) => {
      if (!("key" in write) || write.index === last) return false;
      last = write.index;
      return jobs.has(last);
    });
    if (tells) this.wakeSoon();
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

  /** Resolves when all jobs have ended that run now, or that these start at once. */
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
      job.queue.finish(transaction, job.id, { kind: "failed", error: error.message });
    });
  }

  private async runMutation(job: Job, target: ResolvedFunction): Promise<void> {
    const { executor, runner } = this.parts;
    const failed = await executor
      .write(async (transaction) => {
        if (job.queue.state(transaction, job.id) !== "pending") return;
        // As it sees itself; to all others it is pending until it has ended.
        job.queue.start(transaction, job.id);
        const call = runner.newCall({
          kind: "mutation",
          path: target.path,
          component: target.component,
          identity: null,
          transaction,
          source: { ...NO_SOURCE, scheduledFunctionId: job.id },
        });
        const outcome = await runner.run(call, target, job.argsText);
        if (!outcome.ok) throw new JobFailed(outcome.failure.message);
        // One that has canceled itself stays so.
        if (!job.queue.isCanceled(transaction, job.id))
          job.queue.finish(transaction, job.id, { kind: "success" });
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
    const { actions, executor } = this.parts;
    const begun = await executor.write(async (transaction) => {
      if (job.queue.state(transaction, job.id) !== "pending") return false;
      job.queue.start(transaction, job.id);
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
    const { executor } = this.parts;
    return executor.write(async (transaction) => {
      if (job.queue.state(transaction, job.id) !== "inProgress") return;
      const state = outcome.ok ? { kind: "success" } : { kind: "failed", error: outcome.failure.message };
      job.queue.finish(transaction, job.id, state);
    });
  }
}

class JobFailed extends Error {}
