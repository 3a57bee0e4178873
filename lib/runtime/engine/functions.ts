import type { FunctionKind } from "./call.ts";
import { APP, fullName, splitName } from "./component-path.ts";
import { PlatformError } from "./errors.ts";
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
/** The modules of the app (under "") and of its components, by component path. */
export type ModulesByComponent = Record<string, Modules>;
/** The modules that belong to the platform; only the admin finds them. */
export const SYSTEM = "_system/";
/** The path of a function that was given as such, in process. */
export const INLINE_PATH = "inline:default";
export type UdfKind = Exclude<FunctionKind, "httpAction">;

export interface ResolvedFunction {
  readonly fn: RegisteredFunction;
  readonly kind: UdfKind;
  readonly isPublic: boolean;
  /** `module:function`, behind its component's path and a semicolon where it is not the app's. */
  readonly path: string;
  readonly component: string;
  readonly args: Validator;
  readonly returns: Validator | null;
}

/** `"dir/mod.js:fn"`, `"dir/mod:fn"` and `"dir/mod"` (the default export) all name a function, in a component or not. */
export function canonicalPath(path: string): string {
  const { component, name } = splitName(path);
  const colon = name.indexOf(":");
  const module = (colon < 0 ? name : name.slice(0, colon)).replace(/\.(js|ts)$/, "").replace(/^\//, "");
  return fullName(component, `${module}:${colon < 0 ? "default" : name.slice(colon + 1)}`);
}

/** The functions of an app and its components, found by full path. */
export class FunctionRegistry {
  private readonly modules: ModulesByComponent;
  private readonly system: ((component: string) => Modules) | undefined;
  private readonly resolved = new Map<string, ResolvedFunction>();

  /** @param system the platform's own modules, for each component */
  constructor(modules: ModulesByComponent, system?: (component: string) => Modules) {
    this.modules = modules;
    this.system = system;
  }

  /**
   * @param internal whether functions that are not public, and those of components, may be found, too
   * @throws PlatformError for a path that names nothing callable, or another kind than `kinds`
   */
  resolve(path: string, kinds: readonly UdfKind[], internal: boolean): ResolvedFunction {
    const found = this.find(path);
    if (!found || (!internal && (!found.isPublic || found.component !== APP))) {
      throw new PlatformError(
        `Could not find ${internal ? "" : "public "}function for '${splitName(path).name}'. Did you forget to run \`npx convex dev\` or \`npx convex deploy\`?`,
      );
    }
    if (!kinds.includes(found.kind)) {
      throw new PlatformError(
        `Trying to execute ${found.path} as ${kinds.map(capital).join(" or ")}, but it is defined as ${capital(found.kind)}.`,
      );
    }
    return found;
  }

  /** A component's router, if it has an `http.ts`. */
  router(component: string): Router | null {
    return (this.modules[component]?.["http"]?.["default"] as Router | undefined) ?? null;
  }

  /** What functions a component has, by `module.js:name`. */
  list(component: string): { identifier: string; kind: UdfKind; isPublic: boolean }[] {
    return Object.entries(this.modules[component] ?? {}).flatMap(([module, exports]) =>
      Object.keys(exports).flatMap((name) => {
        const found = this.find(fullName(component, `${module}:${name}`));
        return found ? [{ ...pick(found), identifier: `${module}.js:${name}` }] : [];
      }),
    );
  }

  private find(path: string): ResolvedFunction | null {
    const canonical = canonicalPath(path);
    const known = this.resolved.get(canonical);
    if (known) return known;
    const { component, name: full } = splitName(canonical);
    const colon = full.indexOf(":");
    const module = full.slice(0, colon);
    const name = full.slice(colon + 1);
    if (!Object.hasOwn(this.modules, component)) return null;
    const own = this.modules[component] ?? {};
    const modules = this.system && module.startsWith(SYSTEM) ? this.system(component) : own;
    if (!Object.hasOwn(modules, module)) return null;
    const fn = modules[module]?.[name] as RegisteredFunction | undefined;
    const kind = kindOf(fn);
    if (!fn || !kind) return null;
    const result: ResolvedFunction = {
      fn,
      kind,
      isPublic: fn.isPublic === true && !module.startsWith(SYSTEM),
      path: canonical,
      component,
      args: fn.exportArgs ? (JSON.parse(fn.exportArgs()) as Validator) : { type: "any" },
      returns: fn.exportReturns ? (JSON.parse(fn.exportReturns()) as Validator | null) : null,
    };
    this.resolved.set(canonical, result);
    return result;
  }
}

const pick = ({ kind, isPublic }: ResolvedFunction) => ({ kind, isPublic });

function capital(kind: string): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

function kindOf(fn: RegisteredFunction | undefined): UdfKind | null {
  if (typeof fn !== "function" && typeof fn !== "object") return null;
  if (fn.isQuery) return "query";
  if (fn.isMutation) return "mutation";
  return fn.isAction ? "action" : null;
}
