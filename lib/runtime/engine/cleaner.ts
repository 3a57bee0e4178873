import process from "node:process";
import type { Store } from "../storage/sqlite.ts";
import type { Clock } from "./clock.ts";
import { toFailure } from "./errors.ts";
import type { Executor } from "./executor.ts";
import type { JobQueues } from "./job-queue.ts";

const CLEAN_EVERY_MS = 3_600_000;
const KEEP_JOBS_MS = 7 * 86_400_000;
const KEEP_ANSWERS_MS = 14 * 86_400_000;
const CLEAN_BATCH = 1_000;
const FINISHED = ["success", "failed", "canceled"];

/** Forgets finished jobs after a week and answered requests after two, some at a time. */
export class Cleaner {
  private readonly parts: { store: Store; executor: Executor; jobs: JobQueues; clock: Clock };
  private cancelTimer: () => void = () => undefined;

  constructor(parts: { store: Store; executor: Executor; jobs: JobQueues; clock: Clock }) {
    this.parts = parts;
  }

  start(): void {
    this.clean();
  }

  stop(): void {
    this.cancelTimer();
  }

  private clean(): void {
    const { clock, executor, jobs, store } = this.parts;
    const now = clock.now();
    executor
      .write(async (transaction) => {
        store.forgetAnswersBefore(now - KEEP_ANSWERS_MS);
        for (const state of FINISHED) {
          for (const job of jobs.list(store, state, CLEAN_BATCH)) {
            if (job.dueMs >= now - KEEP_JOBS_MS) break;
            job.queue.remove(transaction, job.id);
          }
        }
      })
      .catch((error: unknown) => {
        process.stderr.write(`cleaning: ${toFailure(error).message}\n`);
      });
    this.cancelTimer = clock.timer(() => this.clean(), CLEAN_EVERY_MS);
  }
}
