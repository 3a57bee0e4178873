import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { loadApp, type App, type Bundle } from "../bundle.ts";
import type { ActionRequest, LoggedOutcome } from "../engine/actions.ts";
import type { Identity } from "../engine/call.ts";
import {
  openEngine,
  type FunctionRequest,
  type LocalEngine,
  type MutationRequest,
} from "../engine/engine.ts";
import { Executions } from "../engine/executions.ts";
import { watchSwitches } from "../engine/own-time.ts";
import type { AddedQuery, LiveClient, Progress, Transition } from "../engine/live.ts";
import type { ActionBackend } from "../engine/action-syscalls.ts";
import { describe } from "../engine/trace.ts";
import { exportsIn, importsIn } from "../data-folder.ts";
import { AppError } from "../project.ts";
import { APP } from "../engine/component-path.ts";
import { importFile } from "../imports/import.ts";
import type { ImportJob } from "../imports/source.ts";
import { Channel } from "./channel.ts";
import { shownArgs, WatchMemory } from "./watch-memory.ts";

/** A function that made a worker unusable, and until when it is refused. */
export interface Refused {
  path: string;
  args: string;
  untilMs: number;
}
export interface DataWorkerData {
  entry: "./data-worker.ts";
  memory: SharedArrayBuffer;
  database: string;
  url: string;
  refused: Refused[];
}

/** The thread that holds the data: queries, mutations, live queries, the schedule. */
const { memory, database, url, refused } = workerData as DataWorkerData;
const watch = new WatchMemory(memory);
const lives = new Map<number, LiveClient>();
let deliveries: [number, Transition][] = [];
let engine: LocalEngine;
/** Scheduled actions that were begun for an earlier worker and have not ended. */
const stillRunning = new Set<string>();
let backend: ActionBackend;

function deliver(id: number, transition: Transition): void {
  // One message for all clients that a commit concerns.
  if (deliveries.length === 0) {
    setImmediate(() => {
      const batch = deliveries;
      deliveries = [];
      channel.tell("deliver", batch);
    });
  }
  deliveries.push([id, transition]);
}

function condemned(path: string, args: string): boolean {
  const shown = shownArgs(args);
  const now = Date.now();
  return refused.some((entry) => entry.untilMs > now && entry.path === path && entry.args === shown);
}

const actions = {
  run: (request: ActionRequest) => channel.call<LoggedOutcome>("action", [request]),
  rejoin: (id: string) => (stillRunning.has(id) ? channel.call<LoggedOutcome>("rejoin", [id]) : null),
  http: () => Promise.reject(new Error("HTTP actions do not come through this thread")),
};

const executions = new Executions((batch) => channel.tell("ended", batch));
let app: Promise<App> | null = null;
const load = (bundle: Bundle): Promise<App> => (app ??= loadApp(bundle));
if (!parentPort) throw new Error("this file is a worker's");
const channel: Channel = new Channel(parentPort, {
  load: async (bundle: Bundle) => void (await load(bundle)),
  open: async (bundle: Bundle) => {
    const { providers, ...parts } = await load(bundle);
    try {
      engine = openEngine({
        ...parts,
        url,
        path: database,
        environment: bundle.env,
        exports: exportsIn(database),
        imports: importsIn(database),
        condemned,
        onTransaction: (call, args) => (call ? watch.begin(call, args) : watch.end()),
        onEnded: executions.ended,
        onTable: (name, number) => channel.tell("table", name, number),
        onProgress: (text) => channel.tell("progress", text),
        actions: (data) => {
          backend = data;
          return actions;
        },
      });
    } catch (error) {
      throw new AppError(error instanceof Error ? error.message : String(error), { cause: error });
    }
    watchSwitches((inDatabase) => watch.switched(inDatabase));
    return { ts: engine.ts, providers };
  },
  /** Before anything is opened: nobody else may use the data meanwhile. */
  import: async (job: ImportJob) => {
    if (!app) throw new Error("the app is not loaded yet");
    const { components, ...own } = await app;
    return importFile(database, { ...components, [APP]: own }, job);
  },
  start: async (scheduledFunctions: string[]) => {
    for (const id of scheduledFunctions) stillRunning.add(id);
    await engine.start();
    flushCompileCache();
  },
  query: (request: FunctionRequest) => engine.query(request),
  mutation: (request: MutationRequest) => engine.mutation(request),
  action: (request: FunctionRequest) => engine.action(request),
  run: (request: FunctionRequest) => engine.run(request),
  openLive: (id: number, progress?: Progress) => {
    lives.set(
      id,
      engine.openLive((transition) => deliver(id, transition), progress),
    );
  },
  setIdentity: (id: number, identity: Identity | null, internal: boolean, version: number) =>
    lives.get(id)?.setIdentity(identity, internal, version),
  modify: (id: number, version: number, added: AddedQuery[], removed: number[]) =>
    lives.get(id)?.modify(version, added, removed),
  touch: (id: number) => lives.get(id)?.touch(),
  closeLive: (id: number) => {
    lives.get(id)?.close();
    lives.delete(id);
  },
  begin: (...args: Parameters<LocalEngine["uploads"]["begin"]>) => engine.uploads.begin(...args),
  append: (...args: Parameters<LocalEngine["uploads"]["append"]>) => engine.uploads.append(...args),
  finish: (...args: Parameters<LocalEngine["uploads"]["finish"]>) => engine.uploads.finish(...args),
  abandon: (...args: Parameters<LocalEngine["uploads"]["abandon"]>) => engine.uploads.abandon(...args),
  info: (...args: Parameters<LocalEngine["uploads"]["info"]>) => engine.uploads.info(...args),
  piece: (...args: Parameters<LocalEngine["uploads"]["piece"]>) => engine.uploads.piece(...args),
  call: (...args: Parameters<ActionBackend["call"]>) => backend.call(...args),
  syscall: (...args: Parameters<ActionBackend["syscall"]>) => backend.syscall(...args),
  storeFile: (...args: Parameters<ActionBackend["storeFile"]>) => backend.storeFile(...args),
  readFile: (...args: Parameters<ActionBackend["readFile"]>) => backend.readFile(...args),
  close: () => engine.close(),
});
process.on("uncaughtException", (error) => {
  process.stderr.write(`uncaught exception: ${describe(error)}\n`);
});
process.on("unhandledRejection", (reason) => {
  process.stderr.write(`unhandled rejection: ${describe(reason)}\n`);
});
