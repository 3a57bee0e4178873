import type { ReadableStream as NodeStream } from "node:stream/web";
import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { loadApp, type Bundle } from "../bundle.ts";
import { Actions, type ActionRequest } from "../engine/actions.ts";
import type { ActionBackend } from "../engine/action-syscalls.ts";
import { installSyscalls, type Identity, type Source } from "../engine/call.ts";
import { Executions } from "../engine/executions.ts";
import { installGlobals } from "../engine/globals.ts";
import { APP, fullName } from "../engine/component-path.ts";
import { DEPLOYMENT } from "../engine/metadata.ts";
import { describe } from "../engine/trace.ts";
import { Channel, Moved } from "./channel.ts";
import { WatchMemory } from "./watch-memory.ts";

/** An HTTP request or response, as it crosses threads. */
export interface SentRequest {
  url: string;
  method: string;
  headers: [string, string][];
  body: Uint8Array | NodeStream | null;
}
export interface SentResponse {
  status: number;
  statusText: string;
  headers: [string, string][];
  body: NodeStream | null;
}
export interface ActionWorkerData {
  entry: "./action-worker.ts";
  memory: SharedArrayBuffer;
}

const BEAT_MS = 250;
/** Answers what was given to another thread before it began here. */
export const TAKEN_BACK = "taken back";

/** The thread that runs actions and HTTP actions: it holds no data, so its end harms nobody else. */
const { memory } = workerData as ActionWorkerData;
const watch = new WatchMemory(memory);
const numbers = new Map<string, number>();
installGlobals();
installSyscalls();
if (!parentPort) throw new Error("this file is a worker's");

const backend: ActionBackend = {
  call: (...args) => channel.call("call", args),
  syscall: (...args) => channel.call("syscall", args),
  storeFile: (...args) => channel.call("storeFile", args),
  readFile: (...args) => channel.call("readFile", args),
};
const executions = new Executions((batch) => channel.tell("ended", batch));
let actions: Actions;
const channel: Channel = new Channel(parentPort, {
  load: async (bundle: Bundle, tables: [string, number][]) => {
    for (const [name, number] of tables) numbers.set(name, number);
    const { modules, components, mounts } = await loadApp(bundle);
    const all = Object.entries(components).map(([at, part]) => [at, part.modules] as const);
    actions = new Actions({
      modules: { ...Object.fromEntries(all), [APP]: modules },
      mounts,
      backend,
      tables: (component) => (name) => numbers.get(fullName(component, name)),
      deployment: DEPLOYMENT,
      onEnded: executions.ended,
    });
    flushCompileCache();
  },
  table: (name: string, number: number) => void numbers.set(name, number),
  run: (number: number, request: ActionRequest) => (watch.claim(number) ? actions.run(request) : TAKEN_BACK),
  http: async (number: number, request: SentRequest, identity: Identity | null, source: Source) => {
    if (!watch.claim(number)) return TAKEN_BACK;
    const { url, method, headers, body } = request;
    const init: RequestInit & { duplex?: "half" } = { method, headers, body: body as BodyInit | null };
    if (body && !(body instanceof Uint8Array)) init.duplex = "half";
    const response = await actions.http(new Request(url, init), identity, source);
    if (!response) return null;
    const { status, statusText } = response;
    const sent: SentResponse = {
      status,
      statusText,
      headers: [...response.headers],
      body: response.body as NodeStream | null,
    };
    return new Moved(sent, sent.body ? [sent.body as never] : []);
  },
});
setInterval(() => watch.beat(), BEAT_MS);
// What an action leaves behind (a promise, a timer) must not take the others down.
process.on("uncaughtException", (error) => {
  process.stderr.write(`uncaught exception: ${describe(error)}\n`);
});
process.on("unhandledRejection", (reason) => {
  process.stderr.write(`unhandled rejection: ${describe(reason)}\n`);
});
