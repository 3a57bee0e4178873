import { ActionSyscalls, type ActionBackend } from "./action-syscalls.ts";
import type { Identity, Source } from "./call.ts";
import { systemClock, type Clock } from "./clock.ts";
import { toFailure } from "./errors.ts";
import {
  FunctionRegistry,
  type Modules,
  type RegisteredFunction,
  type ResolvedFunction,
} from "./functions.ts";
import type { Deployment } from "./metadata.ts";
import { Runner, type Outcome } from "./runner.ts";
import type { TableNumbers } from "./validate.ts";

export interface ActionRequest {
  path: string;
  args: string;
  identity: Identity | null;
  /** Whether internal functions may be called, too. */
  internal: boolean;
  source?: Source | undefined;
  requestId?: string;
}
export type LoggedOutcome = Outcome & { logLines: readonly string[] };
/** Runs actions, wherever that is. Never rejects for what the app does. */
export interface ActionRunner {
  run(request: ActionRequest): Promise<LoggedOutcome>;
  /** The outcome of a scheduled action that outlived the engine that began it; null if there is none. */
  rejoin?(scheduledFunctionId: string): Promise<LoggedOutcome> | null;
  /** Null if the app has no route for this request. Rejects with what the app throws. */
  http(request: Request, identity: Identity | null, source: Source): Promise<Response | null>;
}
export interface ActionParts {
  modules: Modules;
  backend: ActionBackend;
  tables: TableNumbers;
  deployment: Deployment;
  clock?: Clock;
}

/** The app's actions and HTTP actions. They hold no data: all they need of it goes through the backend. */
export class Actions implements ActionRunner {
  private readonly functions: FunctionRegistry;
  private readonly runner: Runner;

  constructor({ modules, backend, tables, deployment, clock = systemClock }: ActionParts) {
    this.functions = new FunctionRegistry(modules);
    this.runner = new Runner(tables, clock);
    // An action that an action calls runs here, too.
    const local: ActionBackend = {
      call: (kind, path, args, caller) =>
        kind === "action"
          ? this.run({ path, args, internal: true, ...caller })
          : backend.call(kind, path, args, caller),
      syscall: (op, args) => backend.syscall(op, args),
      storeFile: (content, sha256) => backend.storeFile(content, sha256),
      readFile: (id) => backend.readFile(id),
    };
    this.runner.hosts.action = new ActionSyscalls(local, deployment);
  }

  async run(request: ActionRequest): Promise<LoggedOutcome> {
    try {
      const target = this.functions.resolve(request.path, ["action"], request.internal);
      return await this.runTarget(target, request);
    } catch (error) {
      return { ok: false, failure: toFailure(error, request.requestId), logLines: [] };
    }
  }

  async runTarget(target: ResolvedFunction, request: ActionRequest): Promise<LoggedOutcome> {
    const call = this.runner.newCall({
      kind: "action",
      path: target.path,
      identity: request.identity,
      transaction: null,
      source: request.source,
      ...(request.requestId === undefined ? {} : { requestId: request.requestId }),
    });
    const outcome = await this.runner.run(call, target, request.args);
    return { ...outcome, logLines: call.logLines };
  }

  async http(request: Request, identity: Identity | null, source: Source): Promise<Response | null> {
    const route = this.route(request);
    if (!route) return null;
    const [fn, method, path] = route;
    const call = this.runner.newCall({
      kind: "httpAction",
      path: `${method} ${path}`,
      identity,
      source,
      transaction: null,
    });
    return this.runner.runHttp(call, fn, request);
  }

  private route(request: Request): readonly [RegisteredFunction, string, string] | null {
    return this.functions.router()?.lookup(new URL(request.url).pathname, request.method) ?? null;
  }
}
