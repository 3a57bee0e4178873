import process from "node:process";
import { createHash } from "node:crypto";
import type { ActionRunner } from "./actions.ts";
import type { Store } from "../storage/sqlite.ts";
import type { Clock } from "./clock.ts";
import { fullName } from "./component-path.ts";
import { nextRun, type Schedule } from "./cron-schedule.ts";
import type { Executor } from "./executor.ts";
import type { FunctionRegistry } from "./functions.ts";
import type { JsonObject } from "./json.ts";
import type { Runner } from "./runner.ts";
import type { Transaction } from "./transaction.ts";

interface Cron {
  /** Unique over all components. */
  readonly identifier: string;
  readonly path: string;
  readonly argsText: string;
  readonly schedule: Schedule;
  /** What tells a changed declaration from the one whose next run is stored. */
  readonly spec: string;
}
export interface CronParts {
  store: Store;
  executor: Executor;
  functions: FunctionRegistry;
  runner: Runner;
  actions: ActionRunner;
  clock: Clock;
  /** Called when a part of a transaction was rolled back. */
  onPartialRollback: () => void;
}

const RETRY_MS = 1_000;

function parseCrons(component: string, exported: string): Cron[] {
  const declared = JSON.parse(exported) as Record<
    string,
    { name: string; args: JsonObject[]; schedule: Schedule }
  >;
  return Object.entries(declared).map(([identifier, { name, args, schedule }]) => ({
    identifier: fullName(component, identifier),
    path: fullName(component, name),
    argsText: JSON.stringify(args[0] ?? {}),
    schedule,
    spec: JSON.stringify([name, args, schedule]),
  }));
}

/**
 * The cron jobs of the app and its components. The next due time is stored, so that a restart neither skips nor repeats a run;
 * runs missed while the runtime was off are made up for by one. A job never runs beside itself.
 */
export class CronJobs {
  private readonly parts: CronParts;
  private readonly crons: Cron[];
  private readonly cancels = new Map<string, () => void>();
  private running = false;

  /** @param exported the text of `crons.export()` of each component that declares any, by its path */
  constructor(parts: CronParts, exported: Readonly<Record<string, string | null>>) {
    this.parts = parts;
    this.crons = Object.entries(exported).flatMap(([component, text]) =>
      text === null ? [] : parseCrons(component, text),
    );
    for (const cron of this.crons) {
      parts.functions.resolve(cron.path, ["mutation", "action"], true);
      nextRun(cron.schedule, parts.clock.now(), spreadOf(cron));
    }
  }

  async start(): Promise<void> {
    const { clock, executor, store } = this.parts;
    await executor.write(async () => {
      const stored = new Map(
        store
          .sql("SELECT name, spec FROM crons")
          .all()
          .map((row) => [row["name"] as string, row["spec"] as string]),
      );
      for (const name of stored.keys()) {
        if (!this.crons.some((cron) => cron.identifier === name)) {
          store.sql("DELETE FROM crons WHERE name = ?").run(name);
        }
      }
      for (const cron of this.crons) {
        if (stored.get(cron.identifier) === cron.spec) continue;
        this.storeNext(cron, nextRun(cron.schedule, clock.now(), spreadOf(cron)));
      }
    });
    this.running = true;
    for (const cron of this.crons) this.sleep(cron);
  }

  stop(): void {
    this.running = false;
    for (const cancel of this.cancels.values()) cancel();
  }

  private storeNext(cron: Cron, nextMs: number): void {
    this.parts.store
      .sql("INSERT OR REPLACE INTO crons(name, spec, next) VALUES(?, ?, ?)")
      .run(cron.identifier, cron.spec, nextMs);
  }

  private dueMs(cron: Cron): number {
    const row = this.parts.store.sql("SELECT next FROM crons WHERE name = ?").get(cron.identifier);
    return (row?.["next"] as number | undefined) ?? Infinity;
  }

  private sleep(cron: Cron, atLeastMs = 1): void {
    if (!this.running) return;
    const delay = Math.max(atLeastMs, this.dueMs(cron) - this.parts.clock.now());
    const wake = (): void => {
      // A long sleep is cut by the timer's own limit.
      if (this.dueMs(cron) > this.parts.clock.now()) return this.sleep(cron);
      this.run(cron).then(
        () => this.sleep(cron),
        (error: unknown) => {
          process.stderr.write(`cron "${cron.identifier}": ${String(error)}\n`);
          this.sleep(cron, RETRY_MS);
        },
      );
    };
    this.cancels.set(cron.identifier, this.parts.clock.timer(wake, delay));
  }

  private async run(cron: Cron): Promise<void> {
    const { actions, executor, functions, runner } = this.parts;
    const target = functions.resolve(cron.path, ["mutation", "action"], true);
    const begin = (transaction: Transaction): void => {
      this.storeNext(cron, this.following(cron, transaction.now));
    };
    if (target.kind === "action") {
      await executor.write(async (transaction) => begin(transaction));
      await actions.run({ path: target.path, args: cron.argsText, identity: null, internal: true });
      return;
    }
    await executor.write(async (transaction) => {
      begin(transaction);
      const { path, component } = target;
      const call = runner.newCall({ kind: "mutation", path, component, identity: null, transaction });
      transaction.store.savepoint("cron");
      const outcome = await runner.run(call, target, cron.argsText);
      if (outcome.ok) return transaction.store.release("cron");
      transaction.store.rollbackTo("cron");
      transaction.writes.length = 0;
      this.parts.onPartialRollback();
    });
  }

  /** The next time after `now`; intervals keep their rhythm over runs that were missed. */
  private following(cron: Cron, now: number): number {
    if (cron.schedule.type !== "interval") return nextRun(cron.schedule, now, spreadOf(cron));
    const due = Math.min(this.dueMs(cron), now);
    const periodMs = nextRun(cron.schedule, 0, 0);
    return due + (Math.floor((now - due) / periodMs) + 1) * periodMs;
  }
}

/** The same minute for the same job on every start. */
function spreadOf(cron: Cron): number {
  return createHash("sha256").update(cron.identifier).digest().readUInt32BE(0) / 2 ** 32;
}
