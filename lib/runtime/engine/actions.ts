import { ActionSyscalls, type ActionBackend } from "./action-syscalls.ts";
import type { Identity, Source } from "./call.ts";
import { systemClock, type Clock } from "./clock.ts";
import { APP } from "./component-path.ts";
import { toFailure } from "./errors.ts";
import {
  FunctionRegistry,
  type ModulesByComponent,
  type RegisteredFunction,
  type ResolvedFunction,
} from "./functions.ts";
import type { Deployment } from "./metadata.ts";
import { Runner, type Outcome, type RunnerOptions } from "./runner.ts";
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
  /** Null if the app has no route for this request. Rejects with `FunctionError`. */
  http(request: Request, identity: Identity | null, source: Source): Promise<Response | null>;
}
/** HTTP actions of a component, below a path of the deployment's site. */
export interface HttpMount {
  /** Begins and ends with a slash. */
  prefix: string;
  component: string;
}
export interface ActionParts {
  modules: ModulesByComponent;
  /** Where components' HTTP actions are. */
  mounts?: readonly HttpMount[] | undefined;
  backend: ActionBackend;
  /** The tables that a component knows. */
  tables: (component: string) => TableNumbers;
  deployment: Deployment;
  clock?: Clock;
  onEnded?: RunnerOptions["onEnded"];
}

/** The app's actions and HTTP actions. They hold no data: all they need of it goes through the backend. */
export class Actions implements ActionRunner {
  private readonly functions: FunctionRegistry;
  private readonly runner: Runner;
  private readonly mounts: readonly HttpMount[];

  constructor(parts: ActionParts) {
    const { modules, mounts = [], backend, tables, deployment, clock = systemClock, onEnded } = parts;
    this.functions = new FunctionRegistry(modules);
    this.runner = new Runner(tables, clock, { onEnded });
    // The longest prefix that fits is the one that counts.
    this.mounts = mounts.toSorted((a, b) => b.prefix.length - a.prefix.length);
    // An action that an action calls runs here, too.
    const local: ActionBackend = {
      call: (kind, path, args, caller) =>
        kind === "action"
          ? this.run({ path, args, internal: true, ...caller })
          : backend.call(kind, path, args, caller),
      syscall: (op, args, component) => backend.syscall(op, args, component),
      storeFile: (content, component, sha256) => backend.storeFile(content, component, sha256),
      readFile: (id, component) => backend.readFile(id, component),
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
      component: target.component,
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
    const [fn, method, path, component] = route;
    const call = this.runner.newCall({
      kind: "httpAction",
      path: `${method} ${path}`,
      component,
      identity: component === APP ? identity : null,
      source,
      transaction: null,
    });
    return this.runner.runHttp(call, fn, request);
  }

  /** The function, its method and path, and its component. The app's own routes come first. */
  private route(request: Request): readonly [RegisteredFunction, string, string, string] | null {
    const { pathname } = new URL(request.url);
    const own = this.functions.router(APP)?.lookup(pathname, request.method);
    if (own) return [...own, APP];
    const mount = this.mounts.find(({ prefix }) => pathname.startsWith(prefix));
    if (!mount) return null;
    const { component, prefix } = mount;
    const below = pathname.slice(prefix.length - 1);
    const found = this.functions.router(component)?.lookup(below, request.method);
    return found ? [...found, component] : null;
  }
}
