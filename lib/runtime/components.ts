import fs from "node:fs";
import path from "node:path";
import type { Plugin } from "esbuild";
import { currentCall } from "./engine/call.ts";
import { APP, childPath } from "./engine/component-path.ts";
import type { HttpMount } from "./engine/actions.ts";

/** The components of an app, as its `convex.config.ts` puts them together. */

const CONFIG = /(^|\/)convex\.config(\.(ts|js|mjs))?$/;
/** The namespace of the modules that stand between a config and the components that it uses. */
const USED = "component";

/** What `defineApp` and `defineComponent` make, as far as it is read here (convex 1.48.0, server/components). */
interface Definition {
  _name?: string;
  /** Names of the environment variables that it declares, with their validators. */
  _env?: Record<string, { isOptional?: string }>;
  _childComponents: [
    name: string,
    definition: Definition,
    env: Record<string, string | { __envVarRef: string }> | null,
    httpPrefix?: string,
  ][];
  componentDefinitionPath?: string;
}

/** A component where it is used. */
export interface Instance {
  /** Its path from the app. */
  path: string;
  /** The folder of its definition. */
  dir: string;
  /** What it sees as `process.env`. */
  env: Record<string, string>;
}

/** The app's `convex.config` in a folder, or null. */
export function configOf(dir: string): string | null {
  const names = ["convex.config.ts", "convex.config.js", "convex.config.mjs"];
  return names.map((name) => path.join(dir, name)).find((file) => fs.existsSync(file)) ?? null;
}

/**
 * Has each component that a config uses know the folder that it comes from, as the platform does.
 * @param found takes the configs of the components, as absolute paths
 */
export function componentPlugin(found: Set<string>): Plugin {
  return {
    name: "components",
    setup(build) {
      build.onResolve({ filter: CONFIG }, async ({ path: wanted, importer, resolveDir, kind, namespace }) => {
        if (kind === "entry-point" || namespace === USED) return undefined;
        const resolved = await build.resolve(wanted, { importer, resolveDir, kind, namespace: USED });
        if (resolved.errors.length > 0) return resolved;
        found.add(resolved.path);
        return { path: resolved.path, namespace: USED };
      });
      build.onLoad({ filter: /.*/, namespace: USED }, ({ path: file }) => ({
        contents: [
          `import definition from ${JSON.stringify(file)};`,
          `definition.componentDefinitionPath = ${JSON.stringify(path.dirname(file))};`,
          "definition.defaultName ??= definition._name;",
          "export default definition;",
        ].join("\n"),
        resolveDir: path.dirname(file),
      }));
    },
  };
}

/**
 * Every component of an app, by the way from it, and where their HTTP actions are.
 * @param app what `convex.config` exports
 * @throws Error with a sentence for the app's developer
 */
export function instancesOf(
  app: unknown,
  env: Record<string, string>,
): { instances: Instance[]; mounts: HttpMount[] } {
  const instances: Instance[] = [];
  const mounts: HttpMount[] = [];
  const visit = (
    definition: Definition,
    owner: string,
    ownEnv: Record<string, string>,
    mount: string | null,
  ) => {
    for (const [name, child, given, httpPrefix] of definition._childComponents) {
      const at = childPath(owner, name);
      if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
        throw new Error(
          `convex.config: "${name}" is no name for a component: use letters, digits and underscores.`,
        );
      }
      if (instances.some((instance) => instance.path === at)) {
        throw new Error(`convex.config: there are two components "${at}": give one another \`name\`.`);
      }
      if (child.componentDefinitionPath === undefined)
        throw new Error(`convex.config: "${at}" has no folder.`);
      const instance = {
        path: at,
        dir: child.componentDefinitionPath,
        env: environmentOf(child, at, given, ownEnv),
      };
      instances.push(instance);
      const below =
        httpPrefix === undefined || mount === null ? null : mount + withSlash(httpPrefix).slice(1);
      if (below !== null) mounts.push({ prefix: below, component: at });
      visit(child, at, instance.env, below);
    }
  };
  visit(app as Definition, APP, env, "/");
  return { instances, mounts };
}

/** The declared variables of a component, from what its user gives. */
function environmentOf(
  definition: Definition,
  at: string,
  given: Record<string, string | { __envVarRef: string }> | null,
  outer: Record<string, string>,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    const text = typeof value === "string" ? value : outer[value.__envVarRef];
    if (text !== undefined) env[name] = text;
  }
  for (const [name, { isOptional }] of Object.entries(definition._env ?? {})) {
    if (isOptional === "optional" || env[name] !== undefined) continue;
    throw new Error(`convex.config: the component "${at}" needs the environment variable ${name}.`);
  }
  return env;
}

const withSlash = (prefix: string): string => (prefix.endsWith("/") ? prefix : `${prefix}/`);

/** `process.env` as each component sees it: its functions while they run, and its modules while they load. */
export class Environments {
  private readonly byComponent: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Whose modules are being loaded; null once all are. */
  loading: string | null = APP;

  constructor(byComponent: ReadonlyMap<string, Readonly<Record<string, string>>>) {
    this.byComponent = byComponent;
  }

  get current(): Readonly<Record<string, string>> {
    return this.byComponent.get(currentCall()?.component ?? this.loading ?? APP) ?? {};
  }
}

/**
 * Shows the app's environment to its code that asks for it in other words than the bundle's `process.env`, such as
 * `globalThis.process?.env`, and to packages that are not bundled. The runtime itself goes on seeing this thread's own.
 */
export function showEnvironment(environments: Environments): void {
  const { process } = globalThis;
  let own = process.env;
  Object.defineProperty(process, "env", {
    configurable: true,
    enumerable: true,
    get: () => (environments.loading !== null || currentCall() ? environments.current : own),
    set: (value: NodeJS.ProcessEnv) => {
      own = value;
    },
  });
}
