import type { Crons, GenericSchema, SchemaDefinition } from "convex/server";
import type { ActionBackend, Caller } from "./action-syscalls.ts";
import { Actions, type ActionRunner, type HttpMount } from "./actions.ts";
import { installSyscalls, NO_SOURCE, type Call, type Identity, type Source } from "./call.ts";
import { Catalog, type CatalogHooks } from "./catalog.ts";
import { Cleaner } from "./cleaner.ts";
import { systemClock, type Clock } from "./clock.ts";
import { APP } from "./component-path.ts";
import { CronJobs } from "./crons.ts";
import { FunctionError, PlatformError, toFailure } from "./errors.ts";
import { Executor } from "./executor.ts";
import {
  FunctionRegistry,
  INLINE_PATH,
  type Modules,
  type RegisteredFunction,
  type ResolvedFunction,
  type UdfKind,
} from "./functions.ts";
import { installGlobals } from "./globals.ts";
import type { LimitOptions } from "./limits.ts";
import { LiveQueries, type LiveClient, type Progress, type Transition } from "./live.ts";
import { DEPLOYMENT, type Deployment } from "./metadata.ts";
import { Queries, type QueryRequest } from "./queries.ts";
import { QueryCache } from "./query-cache.ts";
import { Runner, type Condemned, type Outcome, type RunnerOptions } from "./runner.ts";
import { JobQueues } from "./job-queue.ts";
import { Scheduler } from "./scheduler.ts";
import { Spaces } from "./space.ts";
import { Syscalls, withCommitTs } from "./syscalls.ts";
import { systemModules } from "./system.ts";
import { Uploads, type FileTransfer } from "./uploads.ts";
import { Vectors } from "./vectors.ts";
import { Store } from "../storage/sqlite.ts";

/** What one component is made of; the app itself is one, too. */
export interface ComponentParts {
  /** Its functions by module path. */
  modules: Modules;
  /** What `schema.ts` exports, or null. */
  schema: SchemaDefinition<GenericSchema, boolean> | null;
  /** What `crons.ts` exports, or null. */
  crons?: Crons | null;
}
export interface EngineOptions extends ComponentParts {
  /** The app's components by their path, such as "workflow/workpool". */
  components?: Readonly<Record<string, ComponentParts>> | undefined;
  mounts?: readonly HttpMount[] | undefined;
  /** A database file, or ":memory:". */
  path: string;
  clock?: Clock;
  /** Makes a token's identity; what it throws is what the token's bearer is told. */
  auth?: (token: string) => Promise<Identity>;
  limits?: LimitOptions;
  /** How long a query or mutation may wait for something that never comes; 10 s if left out. */
  maxWaitMs?: number;
  deployment?: Deployment;
  /** What the app sees as `process.env`, for the admin who asks. */
  environment?: Readonly<Record<string, string>>;
  /** Where snapshots are made. */
  exports?: string;
  /** Where the states of imports are. */
  imports?: string;
  /** The deployment's own address, for those of stored files. */
  url?: string;
  /** Told of each query and mutation that begins, and null when it has ended. */
  onTransaction?: (call: Call | null, argsText: string) => void;
  onEnded?: RunnerOptions["onEnded"];
  /** Functions that are refused without being run, since they made an engine unusable before. */
  condemned?: Condemned;
  /** Runs actions elsewhere; given how they reach the data. In this thread if it is left out. */
  actions?: (backend: ActionBackend) => ActionRunner;
  onTable?: CatalogHooks["onTable"];
  onProgress?: CatalogHooks["onProgress"];
}
export interface FunctionRequest extends Omit<QueryRequest, "journal" | "identity"> {
  identity?: Identity | null;
  /** Instead of an identity: what `auth` understands. */
  token?: string;
  source?: Source;
}
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
  query(request: FunctionRequest): Promise<Answer>;
  mutation(request: MutationRequest): Promise<MutationAnswer>;
  action(request: FunctionRequest): Promise<Answer>;
  /** Whatever kind the function is. */
  run(request: FunctionRequest): Promise<Answer>;
  /** Null if the app has no route for this request. */
  httpAction(request: Request, identity: Identity | null, source?: Source): Promise<Response | null>;
  readonly uploads: FileTransfer;
  /** A client's live queries; `deliver` gets what changed, in order, from `progress` on. */
  openLive(deliver: (transition: Transition) => void, progress?: Progress): LiveClient;
  /** Starts scheduled functions and cron jobs. */
  start(): Promise<void>;
  /** Finishes what was begun, then closes the database. */
  close(): Promise<void>;
}

/** An engine in this thread. */
export interface LocalEngine extends Engine {
  /** Runs a function that is in no module, by itself. */
  inline(kind: UdfKind, fn: RegisteredFunction, identity: Identity | null): Promise<Answer>;
  /** Scheduled functions, for those who drive the clock themselves. */
  readonly scheduler: Scheduler;
}

/** @throws PlatformError if stored documents do not fit the schema; Error for crons that are not valid */
export function openEngine(options: EngineOptions): LocalEngine {
  installGlobals();
  installSyscalls();
  const store = new Store(options.path);
  try {
    return new InThread(store, options);
  } catch (error) {
    store.close();
    throw error;
  }
}

class InThread implements LocalEngine {
  readonly uploads: Uploads;
  readonly scheduler: Scheduler;
  private readonly store: Store;
  private readonly auth: EngineOptions["auth"];
  private readonly executor: Executor;
  private readonly functions: FunctionRegistry;
  private readonly runner: Runner;
  private readonly queries: Queries;
  private readonly live: LiveQueries;
  private readonly crons: CronJobs;
  private readonly cleaner: Cleaner;
  private readonly actions: ActionRunner;
  private readonly inlineActions: Actions;

  constructor(store: Store, options: EngineOptions) {
    const { clock = systemClock, deployment = DEPLOYMENT, limits } = options;
    const parts: Readonly<Record<string, ComponentParts>> = { ...options.components, [APP]: options };
    const catalog = new Catalog(store, options);
    catalog.deploy(schemasOf(parts));
    const url = options.url ?? "http://127.0.0.1";
    const spaces = new Spaces(catalog, Object.keys(parts), { url, newest: newestCreationTime(store) });
    const executor = new Executor(store, clock, limits);
    const modules = mapValues(parts, (part) => part.modules);
    const functions: FunctionRegistry = new FunctionRegistry(modules, (component) =>
      systemModules(
        {
          tables: (owner) => catalog.of(owner).names(),
          functions: (owner) => functions.list(owner),
          // A component's own functions may not learn what is the app's.
          environment: (component === APP ? options.environment : undefined) ?? {},
          exports: options.exports ?? null,
          imports: options.imports ?? null,
        },
        component,
      ),
    );
    const tables = (component: string) => catalog.of(component).number;
    const runner = new Runner(tables, clock, options);
    const jobs = new JobQueues(spaces.all().map((space) => space.jobs));
    const vectors = new Vectors(store, (id) => catalog.tableOf(id));
    const cache = new QueryCache();
    const ts = (): bigint => executor.ts;
    const syscalls = new Syscalls({ catalog, spaces, functions, runner, vectors, deployment, ts });
    runner.hosts.data = syscalls;
    const backend: ActionBackend = {
      call: (kind, path, args, caller) => this.fromAction(kind, path, args, caller),
      syscall: (op, args, component) =>
        /(Get(Url|Metadata)|vectorSearch)$/.test(op)
          ? executor.view((t) => syscalls.inTransaction(t, op, args, component))
          : executor.write(async (t) => syscalls.inTransaction(t, op, args, component)),
      storeFile: (content, component, sha256) =>
        executor.write(async (t) => spaces.of(component).files.store(t, content, sha256)),
      readFile: (id, component) =>
        executor.view((t) => {
          const { files } = spaces.of(component);
          files.checkId(id, "getMetadata");
          return files.content(t, id);
        }),
    };
    const { mounts } = options;
    const inlineActions = new Actions({ modules, mounts, backend, tables, deployment, clock });
    const actions = options.actions?.(backend) ?? inlineActions;
    this.store = store;
    this.auth = options.auth;
    this.executor = executor;
    this.functions = functions;
    this.runner = runner;
    this.actions = actions;
    this.inlineActions = inlineActions;
    const filesOf = (component: string) => spaces.find(component)?.files;
    const ownerOf = (id: string) => catalog.tableOf(id)?.component;
    this.uploads = new Uploads({ store, executor, filesOf, ownerOf });
    this.queries = new Queries({ store, cache, functions, runner, clock, ts, limits });
    this.live = new LiveQueries(this.queries, ts, () => executor.wantRefresh());
    const workers = { store, executor, functions, runner, actions, clock };
    this.scheduler = new Scheduler({ ...workers, jobs });
    this.cleaner = new Cleaner({ store, executor, jobs, clock });
    this.crons = new CronJobs(
      { ...workers, onPartialRollback: () => catalog.restorePart() },
      mapValues(parts, ({ crons }) => exported(crons)),
    );
    executor.onRollback = (batch) => catalog.restore(batch);
    executor.beforeCommit = () => store.setMeta("creationTime", String(spaces.times.last));
    executor.onCommit = (writes) => {
      cache.invalidate(writes);
      vectors.noticed(writes);
      this.scheduler.noticed(writes);
    };
    executor.refresh = () => this.live.refresh();
  }

  get ts(): bigint {
    return this.executor.ts;
  }

  async query(request: FunctionRequest): Promise<Answer> {
    const identity = await this.identify(request);
    const { result, logLines } = await this.executor.read(() => this.queries.run({ ...request, identity }));
    if (!result.ok) throw new FunctionError(result.failure);
    return { value: result.value, logLines };
  }

  async mutation(request: MutationRequest): Promise<MutationAnswer> {
    // Nothing is awaited without need: mutations keep the order in which they come.
    return request.token === undefined
      ? this.mutate(request, request.identity ?? null)
      : this.mutate(request, await this.identify(request));
  }

  async action(request: FunctionRequest): Promise<Answer> {
    const identity = await this.identify(request);
    const { path, args, internal, source } = request;
    return answerOf(await this.actions.run({ path, args, internal, identity, source }));
  }

  async run(request: FunctionRequest): Promise<Answer> {
    const { kind } = this.resolve(request, ["query", "mutation", "action"]);
    return this[kind](request);
  }

  async inline(kind: UdfKind, fn: RegisteredFunction, identity: Identity | null): Promise<Answer> {
    const target: ResolvedFunction = {
      fn,
      kind,
      isPublic: true,
      path: INLINE_PATH,
      component: APP,
      args: { type: "any" },
      returns: null,
    };
    const request = { path: target.path, args: "{}", identity, internal: true };
    if (kind === "action") return answerOf(await this.inlineActions.runTarget(target, request));
    if (kind === "mutation") return this.mutate(request, identity, target);
    return this.executor.read(async () => answerOf(await this.queries.uncached(target, request)));
  }

  httpAction(
    request: Request,
    identity: Identity | null,
    source: Source = NO_SOURCE,
  ): Promise<Response | null> {
    return this.actions.http(request, identity, source);
  }

  openLive(deliver: (transition: Transition) => void, progress?: Progress): LiveClient {
    return this.live.open(deliver, progress);
  }

  async start(): Promise<void> {
    await this.uploads.forgetOrphans();
    await this.scheduler.start();
    await this.crons.start();
    this.cleaner.start();
  }

  async close(): Promise<void> {
    this.scheduler.stop();
    this.cleaner.stop();
    this.crons.stop();
    await this.executor.close();
    this.store.close();
  }

  private mutate(
    request: MutationRequest,
    identity: Identity | null,
    known?: ResolvedFunction,
  ): Promise<MutationAnswer> {
    return this.executor.write(async (transaction) => {
      const { origin } = request;
      if (origin) {
        const answered = this.store.answered(origin.session, origin.request);
        if (answered) return { value: answered.result, ts: BigInt(answered.ts), logLines: [] };
      }
      const target = known ?? this.resolve(request, ["mutation"]);
      const call = this.runner.newCall({
        kind: "mutation",
        path: target.path,
        component: target.component,
        identity,
        transaction,
        source: request.source,
        ...(request.requestId === undefined ? {} : { requestId: request.requestId }),
      });
      const outcome = await this.runner.run(call, target, request.args);
      if (!outcome.ok) throw new FunctionError(outcome.failure);
      const value = withCommitTs(outcome.value, transaction.ts);
      if (origin) {
        this.store.rememberAnswer(origin.session, origin.request, value, transaction.ts, transaction.now);
      }
      return { value, ts: transaction.ts, logLines: call.logLines };
    });
  }

  private async identify({ identity, token }: FunctionRequest): Promise<Identity | null> {
    if (token === undefined) return identity ?? null;
    if (!this.auth) throw new PlatformError("No auth provider found matching the given token");
    return this.auth(token);
  }

  private resolve(request: { path: string; internal: boolean }, kinds: readonly UdfKind[]) {
    try {
      return this.functions.resolve(request.path, kinds, request.internal);
    } catch (error) {
      throw new FunctionError(toFailure(error));
    }
  }

  private async fromAction(kind: UdfKind, path: string, args: string, caller: Caller): Promise<Outcome> {
    try {
      const { value } = await this[kind]({ path, args, internal: true, ...caller });
      return { ok: true, value };
    } catch (error) {
      return { ok: false, failure: toFailure(error, caller.requestId) };
    }
  }
}

function mapValues<T, R>(values: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

/** What the app's and the components' schemas say, by component. */
export function schemasOf(parts: Readonly<Record<string, ComponentParts>>): Record<string, string | null> {
  return mapValues(parts, ({ schema }) => exported(schema));
}

/** The definitions' own JSON text; `convex` keeps this method out of its public types. */
function exported(definition: object | null | undefined): string | null {
  return definition ? (definition as { export(): string }).export() : null;
}

function answerOf(outcome: Outcome & { logLines: readonly string[] }): Answer {
  if (!outcome.ok) throw new FunctionError(outcome.failure);
  return { value: outcome.value, logLines: outcome.logLines };
}

function newestCreationTime(store: Store): number {
  return Number(store.meta("creationTime") ?? 0);
}
