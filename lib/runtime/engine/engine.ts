import type { Crons, GenericSchema, SchemaDefinition } from "convex/server";
import { installSyscalls, type Call, type Identity } from "./call.ts";
import { Catalog } from "./catalog.ts";
import { systemClock, type Clock } from "./clock.ts";
import { CronJobs } from "./crons.ts";
import { Database } from "./database.ts";
import { FunctionError, toFailure } from "./errors.ts";
import { Executor } from "./executor.ts";
import { FunctionRegistry, type Modules, type UdfKind } from "./functions.ts";
import { installGlobals } from "./globals.ts";
import { LiveQueries, type LiveClient, type Transition } from "./live.ts";
import { Queries, type QueryRequest } from "./queries.ts";
import { QueryCache } from "./query-cache.ts";
import { Runner, type Outcome } from "./runner.ts";
import { JobQueue, Scheduler } from "./scheduler.ts";
import { Syscalls } from "./syscalls.ts";
import type { Transaction } from "./transaction.ts";
import { Store } from "../storage/sqlite.ts";

export interface EngineOptions {
  /** The app's functions by module path. */
  modules: Modules;
  /** What `schema.ts` exports, or null. */
  schema: SchemaDefinition<GenericSchema, boolean> | null;
  /** What `crons.ts` exports, or null. */
  crons?: Crons | null;
  /** A database file, or ":memory:". */
  path: string;
  clock?: Clock;
}
export type FunctionRequest = Omit<QueryRequest, "journal">;
export interface MutationRequest extends FunctionRequest {
  /** Who sends it and under which number, so that sending it again gives the first answer. */
  origin?: { session: string; request: number };
}
/** Convex JSON text, and what the function logged. */
export interface Answer {
  value: string;
  logLines: readonly string[];
}
export interface MutationAnswer extends Answer {
  /** When it was committed, in nanoseconds. */
  ts: bigint;
}

/**
 * Data and functions of one deployment. Everything that goes in and out is JSON text or plain data, so
 * that the engine can live in a thread of its own. Functions that fail reject with `FunctionError`,
 * a storage that refuses with `StorageError`.
 */
export interface Engine {
  /** Time of the last commit, in nanoseconds. */
  readonly ts: bigint;
  query(request: QueryRequest): Promise<Answer>;
  mutation(request: MutationRequest): Promise<MutationAnswer>;
  action(request: FunctionRequest): Promise<Answer>;
  /** Whatever kind the function is. */
  run(request: FunctionRequest): Promise<Answer>;
  /** Null if the app has no route for this request. */
  httpAction(request: Request, identity: Identity | null): Promise<Response | null>;
  /** A client's live queries; `deliver` gets what changed, in order. */
  openLive(deliver: (transition: Transition) => void): LiveClient;
  /** Starts scheduled functions and cron jobs. */
  start(): Promise<void>;
  /** Finishes what was begun, then closes the database. */
  close(): Promise<void>;
}

/** @throws PlatformError if stored documents do not fit the schema; Error for crons that are not valid */
export function openEngine(options: EngineOptions): Engine {
  installGlobals();
  installSyscalls();
  const store = new Store(options.path);
  try {
    return new LocalEngine(store, options);
  } catch (error) {
    store.close();
    throw error;
  }
}

class LocalEngine implements Engine {
  private readonly store: Store;
  private readonly executor: Executor;
  private readonly functions: FunctionRegistry;
  private readonly runner: Runner;
  private readonly queries: Queries;
  private readonly live: LiveQueries;
  private readonly scheduler: Scheduler;
  private readonly crons: CronJobs;

  constructor(store: Store, options: EngineOptions) {
    const clock = options.clock ?? systemClock;
    const catalog = new Catalog(store);
    catalog.deploy(exported(options.schema));
    const database = new Database(catalog, newestCreationTime(store));
    const executor = new Executor(store, clock);
    const functions = new FunctionRegistry(options.modules);
    const runner = new Runner(catalog, clock);
    const jobs = new JobQueue(catalog, database);
    const cache = new QueryCache();
    const ts = (): bigint => executor.ts;
    this.store = store;
    this.executor = executor;
    this.functions = functions;
    this.runner = runner;
    this.queries = new Queries({ store, cache, functions, runner, clock, ts });
    this.live = new LiveQueries(this.queries, ts, () => executor.wantRefresh());
    this.scheduler = new Scheduler({ store, jobs, executor, functions, runner, clock });
    this.crons = new CronJobs({ store, executor, functions, runner, clock }, exported(options.crons));
    const actions = {
      call: (kind: UdfKind, path: string, args: string, caller: Call) =>
        this.fromAction(kind, { path, args, identity: caller.identity, internal: true }),
      write: <T>(body: (transaction: Transaction) => Promise<T>) => executor.write(body),
    };
    runner.host = new Syscalls({ catalog, database, functions, runner, jobs, actions, ts });
    executor.onRollback = (batch) => catalog.restore(batch);
    executor.beforeCommit = () => store.setMeta("creationTime", String(database.creationTime));
    executor.onCommit = (writes) => {
      cache.invalidate(writes);
      this.scheduler.noticed(writes);
    };
    executor.refresh = () => this.live.refresh();
  }

  get ts(): bigint {
    return this.executor.ts;
  }

  async query(request: QueryRequest): Promise<Answer> {
    const { result, logLines } = await this.executor.read(() => this.queries.run(request));
    if (!result.ok) throw new FunctionError(result.failure);
    return { value: result.value, logLines };
  }

  mutation(request: MutationRequest): Promise<MutationAnswer> {
    return this.executor.write(async (transaction) => {
      const { origin } = request;
      if (origin) {
        const answered = this.store.answered(origin.session, origin.request);
        if (answered) return { value: answered.result, ts: BigInt(answered.ts), logLines: [] };
      }
      const target = this.resolve(request, ["mutation"]);
      const call = this.runner.newCall({
        kind: "mutation",
        path: target.path,
        identity: request.identity,
        transaction,
      });
      const value = valueOf(await this.runner.run(call, target, request.args));
      if (origin) {
        this.store.rememberAnswer(origin.session, origin.request, value, transaction.ts, transaction.now);
      }
      return { value, ts: transaction.ts, logLines: call.logLines };
    });
  }

  async action(request: FunctionRequest): Promise<Answer> {
    const target = this.resolve(request, ["action"]);
    const { identity } = request;
    const call = this.runner.newCall({ kind: "action", path: target.path, identity, transaction: null });
    const value = valueOf(await this.runner.run(call, target, request.args));
    return { value, logLines: call.logLines };
  }

  run(request: FunctionRequest): Promise<Answer> {
    const { kind } = this.resolve(request, ["query", "mutation", "action"]);
    return this[kind](request);
  }

  async httpAction(request: Request, identity: Identity | null): Promise<Response | null> {
    const url = new URL(request.url);
    const route = this.functions.router()?.lookup(url.pathname, request.method);
    if (!route) return null;
    const [fn, method, path] = route;
    const call = this.runner.newCall({
      kind: "httpAction",
      path: `${method} ${path}`,
      identity,
      transaction: null,
    });
    return this.runner.runHttp(call, fn, request);
  }

  openLive(deliver: (transition: Transition) => void): LiveClient {
    return this.live.open(deliver);
  }

  async start(): Promise<void> {
    await this.scheduler.start();
    await this.crons.start();
  }

  async close(): Promise<void> {
    this.scheduler.stop();
    this.crons.stop();
    await this.executor.close();
    this.store.close();
  }

  private resolve(request: FunctionRequest, kinds: readonly UdfKind[]) {
    try {
      return this.functions.resolve(request.path, kinds, request.internal);
    } catch (error) {
      throw new FunctionError(toFailure(error));
    }
  }

  private async fromAction(kind: UdfKind, request: FunctionRequest): Promise<Outcome> {
    try {
      return { ok: true, value: (await this[kind](request)).value };
    } catch (error) {
      return { ok: false, failure: toFailure(error) };
    }
  }
}

/** The definitions' own JSON text; `convex` keeps this method out of its public types. */
function exported(definition: object | null | undefined): string | null {
  return definition ? (definition as { export(): string }).export() : null;
}

function valueOf(outcome: Outcome): string {
  if (!outcome.ok) throw new FunctionError(outcome.failure);
  return outcome.value;
}

function newestCreationTime(store: Store): number {
  return Number(store.meta("creationTime") ?? 0);
}
