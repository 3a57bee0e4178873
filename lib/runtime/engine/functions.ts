import type { FunctionKind } from "./call.ts";
import { PlatformError } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import type { Validator } from "./validate.ts";

/** What `convex` makes of a `query({…})`, `mutation({…})`, `action({…})` or `httpAction(…)`. */
export interface RegisteredFunction {
  isQuery?: boolean;
  isMutation?: boolean;
  isAction?: boolean;
  isHttp?: boolean;
  isPublic?: boolean;
  isInternal?: boolean;
  exportArgs?: () => string;
  exportReturns?: () => string;
  invokeQuery?: (args: string) => Promise<string>;
  invokeMutation?: (args: string) => Promise<string>;
  invokeAction?: (requestId: string, args: string) => Promise<string>;
  invokeHttpAction?: (request: Request) => Promise<Response>;
}
/** What `httpRouter()` makes. */
export interface Router {
  lookup(path: string, method: string): readonly [RegisteredFunction, string, string] | null;
}
/** The modules of an app by path without extension (`"messages"`, `"admin/users"`), as loaded. */
export type Modules = Record<string, Record<string, unknown>>;
/** The path of a function that was given as such, in process. */
export const INLINE_PATH = "inline:default";
export type UdfKind = Exclude<FunctionKind, "httpAction">;

export interface ResolvedFunction {
  readonly fn: RegisteredFunction;
  readonly kind: UdfKind;
  readonly isPublic: boolean;
  /** `module:function`. */
  readonly path: string;
  readonly args: Validator;
  readonly returns: Validator | null;
}

/** `"dir/mod.js:fn"`, `"dir/mod:fn"` and `"dir/mod"` (the default export) all name a function. */
export function canonicalPath(path: string): string {
  const colon = path.indexOf(":");
  const module = (colon < 0 ? path : path.slice(0, colon)).replace(/\.(js|ts)$/, "").replace(/^\//, "");
  return `${module}:${colon < 0 ? "default" : path.slice(colon + 1)}`;
}

/** The functions of an app, found by path. */
export class FunctionRegistry {
  private readonly modules: Modules;
  private readonly resolved = new Map<string, ResolvedFunction>();

  constructor(modules: Modules) {
    this.modules = modules;
  }

  /**
   * @param internal whether functions that are not public may be found, too
   * @throws PlatformError for a path that names nothing callable, or another kind than `kinds`
   */
  resolve(path: string, kinds: readonly UdfKind[], internal: boolean): ResolvedFunction {
    const found = this.find(path);
    if (!found || (!internal && !found.isPublic)) {
      throw new PlatformError(
        `Could not find ${internal ? "" : "public "}function for '${path}'. Did you forget to run \`npx convex dev\` or \`npx convex deploy\`?`,
      );
    }
    if (!kinds.includes(found.kind)) {
      throw new PlatformError(
        `Trying to execute ${found.path} as ${kinds.map(capital).join(" or ")}, but it is defined as ${capital(found.kind)}.`,
      );
    }
    return found;
  }

  /** The app's router, if it has an `http.ts`. */
  router(): Router | null {
    return (this.modules["http"]?.["default"] as Router | undefined) ?? null;
  }

  private find(path: string): ResolvedFunction | null {
    const canonical = canonicalPath(path);
    const known = this.resolved.get(canonical);
    if (known) return known;
    const colon = canonical.indexOf(":");
    const module = canonical.slice(0, colon);
    const name = canonical.slice(colon + 1);
    if (!Object.hasOwn(this.modules, module)) return null;
    const fn = this.modules[module]?.[name] as RegisteredFunction | undefined;
    const kind = kindOf(fn);
    if (!fn || !kind) return null;
    const result: ResolvedFunction = {
      fn,
      kind,
      isPublic: fn.isPublic === true,
      path: canonical,
      args: fn.exportArgs ? (JSON.parse(fn.exportArgs()) as Validator) : { type: "any" },
      returns: fn.exportReturns ? (JSON.parse(fn.exportReturns()) as Validator | null) : null,
    };
    this.resolved.set(canonical, result);
    return result;
  }
}

function capital(kind: string): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

function kindOf(fn: RegisteredFunction | undefined): UdfKind | null {
  if (typeof fn !== "function" && typeof fn !== "object") return null;
  if (fn.isQuery) return "query";
  if (fn.isMutation) return "mutation";
  return fn.isAction ? "action" : null;
}

/** The function that a syscall names: by path, or by a handle made earlier. */
export function addressOf(args: JsonObject): string {
  if (typeof args["name"] === "string") return args["name"];
  const handle = args["functionHandle"];
  const prefix = "function://;";
  if (typeof handle === "string" && handle.startsWith(prefix)) return handle.slice(prefix.length);
  throw new PlatformError("Components are not supported by the embedded runtime.");
}

export function functionHandle(args: JsonObject): string {
  return JSON.stringify(`function://;${addressOf(args)}`);
}
