import type { Bundle } from "../bundle.ts";
import type { ActionRequest, LoggedOutcome } from "../engine/actions.ts";
import type { Identity, Source } from "../engine/call.ts";
import type { Answer, Engine, FunctionRequest, MutationAnswer, MutationRequest } from "../engine/engine.ts";
import { FunctionError, newRequestId } from "../engine/errors.ts";
import type { Execution } from "../engine/executions.ts";
import type { LiveClient, Transition } from "../engine/live.ts";
import type { FileTransfer } from "../engine/uploads.ts";
import type { ImportPreview } from "../imports/check.ts";
import type { ImportJob } from "../imports/source.ts";
import { writtenBy } from "../imports/states.ts";
import { ActionPool, type SiteResponse } from "./action-pool.ts";
import type { SentRequest } from "./action-worker.ts";
import { Channel } from "./channel.ts";
import { DataHost, type Opened } from "./data-host.ts";
import type { ImportWorkerData } from "./import-worker.ts";
import { LiveMirror } from "./live-mirror.ts";
import { startThread } from "./thread.ts";

const KEEP_OUTCOME_MS = 60_000;
const MAX_IMPORT_HEAP_MB = 512;

/** What the front needs of an engine. */
export type ServedEngine = Omit<Engine, "httpAction" | "openLive"> & {
  /** Null if the app has no route for this request. */
  site(request: SentRequest, identity: Identity | null, source: Source): Promise<SiteResponse | null>;
  openLive(deliver: (transition: Transition) => void): LiveClient;
};

export interface HostOptions {
  /** The file of the data. */
  database: string;
  /** The deployment's own address. */
  url: string;
  /** Told of functions that have ended, wherever they ran. */
  onEnded: (executions: Execution[]) => void;
}

/** The engine behind the front: the data in one thread, actions in others, each of which can fail alone. */
export class RuntimeHost implements ServedEngine {
  readonly uploads: FileTransfer;
  private readonly data: DataHost;
  private readonly database: string;
  private readonly actions: ActionPool;
  private readonly lives = new Map<number, LiveMirror>();
  private nextLive = 1;
  private lastTs = 0n;
  /** Scheduled actions, by their jobs: they outlive the worker that asked for them. */
  private readonly scheduled = new Map<string, Promise<LoggedOutcome>>();

  constructor(bundle: Promise<Bundle>, { database, url, onEnded }: HostOptions) {
    this.database = database;
    const ended = (batch: Execution[]): void => onEnded(batch);
    this.data = new DataHost(bundle, {
      database,
      url,
      onKilled: (execution) => onEnded([execution]),
      methods: {
        action: (request: ActionRequest) => this.runAction(request),
        rejoin: (id: string) => this.scheduled.get(id),
        deliver: (batch: [number, Transition][]) => this.deliver(batch),
        table: (name: string, number: number) => this.actions.table(name, number),
        ended,
        progress: (text: string) => void process.stderr.write(`preparing ${text}\n`),
      },
      onTakeover: () => {
        for (const live of this.lives.values()) live.attach();
        return [...this.scheduled.keys()];
      },
    });
    const { data } = this;
    const forward =
      (method: string) =>
      (...args: never[]): Promise<unknown> =>
        data.call(method, args);
    this.actions = new ActionPool(bundle, {
      call: (...args: [string, string, string, { requestId: string }]) =>
        data.call("call", args, args[3].requestId),
      syscall: forward("syscall"),
      storeFile: forward("storeFile"),
      readFile: forward("readFile"),
      ended,
    });
    this.uploads = {
      begin: (token) => data.call("begin", [token]),
      append: (id, n, bytes) => data.call("append", [id, n, bytes]),
      finish: (file, expected) => data.call("finish", [file, expected]),
      abandon: (id) => data.call("abandon", [id]),
      info: (id) => data.call("info", [id]),
      piece: (id, n) => data.call("piece", [id, n]),
    };
  }

  get ts(): bigint {
    return this.lastTs;
  }

  /** @throws AppError if the app or its stored data do not allow it */
  async open(): Promise<Opened> {
    const opened = await this.data.open();
    this.lastTs = opened.ts;
    return opened;
  }

  /** Goes over to other code, while connections stay. @throws AppError, and the present code goes on */
  async replace(bundle: Bundle): Promise<Opened> {
    const opened = await this.data.replace(bundle);
    this.actions.replace(Promise.resolve(bundle));
    return opened;
  }

  /** Reads what is to be imported, in a thread of its own. @throws PlatformError that says what is wrong with it */
  async previewImport(job: ImportJob): Promise<ImportPreview> {
    const worker = startThread(
      { entry: "./import-worker.ts", database: this.database } as ImportWorkerData,
      MAX_IMPORT_HEAP_MB,
    );
    const channel = new Channel(worker, {});
    worker.once("error", (error) => channel.abandon(error));
    worker.once("exit", () => channel.abandon(new Error("The thread that read the import ended.")));
    try {
      return await channel.call<ImportPreview>("preview", [job]);
    } finally {
      await worker.terminate();
    }
  }

  /** Brings a file's rows into the data, all or none. @param onSettled told how it ended, before anybody can ask */
  import(job: ImportJob, onSettled: (written: number | null, error: unknown) => void): Promise<number> {
    return this.data.exclusively<number>("import", [job], (written, error) => {
      // The worker may have ended between its commit and its answer.
      onSettled(written ?? writtenBy(job.id, this.database), error);
    });
  }

  query(request: FunctionRequest): Promise<Answer> {
    return this.ask("query", request);
  }

  async mutation(request: MutationRequest): Promise<MutationAnswer> {
    const answer = await this.ask<MutationAnswer>("mutation", request);
    if (answer.ts > this.lastTs) this.lastTs = answer.ts;
    return answer;
  }

  async action(request: FunctionRequest): Promise<Answer> {
    const outcome = await this.actions.run({ ...request, identity: request.identity ?? null });
    if (!outcome.ok) throw new FunctionError(outcome.failure);
    return { value: outcome.value, logLines: outcome.logLines };
  }

  run(request: FunctionRequest): Promise<Answer> {
    return this.ask("run", request);
  }

  async site(request: SentRequest, identity: Identity | null, source: Source): Promise<SiteResponse | null> {
    return this.actions.http(request, identity, source);
  }

  openLive(deliver: (transition: Transition) => void): LiveClient {
    const id = this.nextLive++;
    const onClose = (): void => void this.lives.delete(id);
    const live = new LiveMirror({ id, port: this.data, deliver, onClose });
    this.lives.set(id, live);
    live.attach();
    return live;
  }

  start(): Promise<void> {
    return this.data.call("start", [[]]);
  }

  async close(): Promise<void> {
    await this.actions.close();
    await this.data.close();
  }

  private runAction(request: ActionRequest): Promise<LoggedOutcome> {
    const outcome = this.actions.run(request);
    const id = request.source?.scheduledFunctionId;
    if (!id) return outcome;
    this.scheduled.set(id, outcome);
    const forget = (): void => {
      // A worker that ends now may not have written down how the action ended.
      setTimeout(() => this.scheduled.delete(id), KEEP_OUTCOME_MS).unref();
    };
    outcome.then(forget, forget);
    return outcome;
  }

  private ask<T>(method: string, request: FunctionRequest): Promise<T> {
    const requestId = newRequestId();
    return this.data.call<T>(method, [{ ...request, requestId }], requestId);
  }

  private deliver(batch: [number, Transition][]): void {
    for (const [id, transition] of batch) {
      if (transition.end.ts > this.lastTs) this.lastTs = transition.end.ts;
      this.lives.get(id)?.deliver(transition);
    }
  }
}
