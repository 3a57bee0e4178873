import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Crons } from "convex/server";
import { compile, ENVIRONMENT } from "./compile.ts";
import { componentPlugin, configOf, Environments, showEnvironment, instancesOf } from "./components.ts";
import type { AuthProvider } from "./front/auth.ts";
import type { HttpMount } from "./engine/actions.ts";
import { APP } from "./engine/component-path.ts";
import type { ComponentParts } from "./engine/engine.ts";
import type { Modules } from "./engine/functions.ts";
import { traceBelow } from "./engine/trace.ts";
import { AppError, projectOf, type Project } from "./project.ts";

/** An app's folder, loaded. */
export interface App extends ComponentParts {
  crons: Crons | null;
  components: Record<string, ComponentParts>;
  mounts: HttpMount[];
  providers: AuthProvider[];
}

const SOURCE = /^[^.#][^.]*\.(ts|tsx|js|jsx|mjs|mts)$/;
const MANIFEST = "bundle.json";
/** The files that say how to bundle: a bundle made by others is not used again. */
const OWN = ["bundle.ts", "compile.ts", "components.ts", "generated.ts"].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);

/** The modules of a folder as Convex counts them: no `_generated`, no component's, no second dot but in `auth.config`. */
function moduleFiles(dir: string, below = ""): string[] {
  return fs.readdirSync(path.join(dir, below), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(below, entry.name);
    if (entry.isDirectory()) {
      const isOther =
        /^(_generated|node_modules|\..*)$/.test(entry.name) || configOf(path.join(dir, file)) !== null;
      return isOther ? [] : moduleFiles(dir, file);
    }
    const isAuth = below === "" && /^auth\.config\.(ts|js|mjs)$/.test(entry.name);
    return SOURCE.test(entry.name) || isAuth ? [file] : [];
  });
}

/** An app's folder, bundled; plain data, so that any thread can load it. */
export interface Bundle {
  /** The folder of the functions. */
  dir: string;
  /** The modules' files, as they are called in the app's folder. */
  files: string[];
  /** Where the bundled ones are. */
  target: string;
  /** What the app sees as `process.env`. */
  env: Record<string, string>;
  /** The components that the app's `convex.config` leads to. */
  components: BundledComponent[];
  /** The absolute paths of all that it was made from. */
  inputs: string[];
}

/** The definition of a component, bundled. */
interface BundledComponent {
  /** Its folder, and the modules' files in it. */
  dir: string;
  files: string[];
  target: string;
}

/**
 * Bundles an app with everything that it imports, into a new folder in `outDir`; or gives what an earlier
 * run made there, if nothing of what that was made from has changed.
 * @param options.dir the folder of the functions, or a project's with a `convex.json`
 * @throws AppError
 */
export async function bundleApp(options: {
  dir: string;
  outDir: string;
  env: Record<string, string>;
  /** An earlier bundle that is still in use. */
  keep?: Bundle;
}): Promise<Bundle> {
  const { outDir, env, keep } = options;
  const project = projectOf(options.dir);
  const { dir } = project;
  if (!fs.existsSync(dir) || !fs.statSync(dir).isDirectory()) throw new AppError(`${dir} is not a folder.`);
  const files = moduleFiles(dir);
  if (files.length === 0) throw new AppError(`${dir} contains no functions.`);
  const known = reusable(project, outDir, files);
  if (known !== null) {
    const inputs = Object.keys(known.inputs).slice(OWN.length);
    return { dir, files, target: known.target, components: known.components, env, inputs };
  }
  forgetBundles(outDir, keep?.target);
  // A folder of its own for each bundle, since Node never loads the same file twice.
  const target = path.join(outDir, randomBytes(6).toString("hex"));
  const { inputs, components } = await bundleAll(project, files, target);
  const manifest: Manifest = { dir, files, target, components, inputs: hashAll(inputs.toSorted()) };
  fs.writeFileSync(path.join(outDir, MANIFEST), JSON.stringify(manifest));
  return { dir, files, target, components, env, inputs };
}

/** Bundles the app, its config, and each component that this leads to. */
async function bundleAll(project: Project, files: string[], target: string) {
  // Loaded only when it is needed.
  const esbuild = await import("esbuild");
  const { dir } = project;
  try {
    const inputs = await compile(esbuild, { project, dir, files, target });
    if (project.config !== null) inputs.push(project.config);
    const config = configOf(dir);
    const components: BundledComponent[] = [];
    if (config !== null) {
      const found = new Set<string>();
      const plugins = [componentPlugin(found)];
      inputs.push(
        ...(await compile(esbuild, { project, dir, files: [path.basename(config)], target, plugins })),
      );
      for (const file of found) {
        const folder = path.dirname(file);
        const component = {
          dir: folder,
          files: moduleFiles(folder),
          target: path.join(target, "_components", String(components.length)),
        };
        components.push(component);
        if (component.files.length > 0) inputs.push(...(await compile(esbuild, { ...component, project })));
      }
    }
    return { inputs: [...new Set(inputs)], components };
  } finally {
    // Otherwise its process stays for as long as this one.
    await esbuild.stop();
  }
}

function forgetBundles(outDir: string, kept: string | undefined): void {
  if (!fs.existsSync(outDir)) return;
  for (const name of fs.readdirSync(outDir)) {
    const file = path.join(outDir, name);
    if (file !== kept) fs.rmSync(file, { recursive: true, force: true });
  }
}

/** What a bundle was made from, and how. */
interface Manifest {
  dir: string;
  files: string[];
  target: string;
  components: BundledComponent[];
  /** The hash of each source, by path. */
  inputs: Record<string, string>;
}

function hashAll(inputs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    [...OWN, ...inputs].map((file) => [
      file,
      createHash("sha256").update(fs.readFileSync(file)).digest("base64"),
    ]),
  );
}

function reusable({ dir, config }: Project, outDir: string, files: readonly string[]): Manifest | null {
  try {
    const manifest = JSON.parse(fs.readFileSync(path.join(outDir, MANIFEST), "utf8")) as Manifest;
    const now = { ...manifest, dir, files, inputs: hashAll(Object.keys(manifest.inputs).slice(OWN.length)) };
    const components = manifest.components.map((component) => ({
      ...component,
      files: moduleFiles(component.dir),
    }));
    const isSame =
      JSON.stringify({ ...now, components }) ===
      JSON.stringify({ ...manifest, components: manifest.components });
    // A config that was added is no input of the last bundle.
    const configs = [configOf(dir), config].filter((file) => file !== null);
    const hadConfigs = configs.every((file) => Object.hasOwn(manifest.inputs, file));
    return isSame && hadConfigs && fs.existsSync(manifest.target) ? manifest : null;
  } catch {
    // None, or not readable, or a source is gone: it is bundled again.
    return null;
  }
}

/** Loads a bundled app into this thread, with its components. @throws AppError */
export async function loadApp({ files, target, env, components: bundled }: Bundle): Promise<App> {
  traceBelow(target + path.sep);
  const scope = globalThis as Record<string, unknown>;
  // The config itself sees the app's.
  scope[ENVIRONMENT] = new Environments(new Map([[APP, env]]));
  const { instances, mounts } = await instancesIn(target, bundled, env).finally(
    () => delete scope[ENVIRONMENT],
  );
  const environments = new Environments(
    new Map([
      [APP, Object.freeze({ ...env })],
      ...instances.map(({ path: at, env: own }) => [at, own] as const),
    ]),
  );
  scope[ENVIRONMENT] = environments;
  showEnvironment(environments);
  const components: Record<string, ComponentParts> = {};
  try {
    for (const { path: at, dir } of instances) {
      const definition = bundled.find((component) => component.dir === dir);
      environments.loading = at;
      const modules = await loadAll(definition?.files ?? [], definition?.target ?? "");
      components[at] = { modules, ...declaredIn(modules) };
    }
    environments.loading = APP;
    const modules = await loadAll(files, target);
    return { modules, ...declaredIn(modules), components, mounts, providers: providersOf(modules) };
  } finally {
    environments.loading = null;
    delete scope[ENVIRONMENT];
  }
}

async function instancesIn(
  target: string,
  bundled: readonly BundledComponent[],
  env: Record<string, string>,
) {
  const config = path.join(target, "convex.config.mjs");
  if (bundled.length === 0 || !fs.existsSync(config)) return { instances: [], mounts: [] };
  const { default: app } = await load("convex.config", config);
  try {
    return instancesOf(app, env);
  } catch (error) {
    throw new AppError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function loadAll(files: readonly string[], target: string): Promise<Modules> {
  const modules: Modules = {};
  for (const file of files) {
    const name = file.replace(/\.[a-z]+$/, "");
    modules[name] = await load(file, path.join(target, `${name}.mjs`));
  }
  return modules;
}

function declaredIn(modules: Modules) {
  return {
    schema: defaultOf(modules, "schema") as App["schema"],
    crons: defaultOf(modules, "crons") as App["crons"],
  };
}

async function load(file: string, bundled: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(bundled).href)) as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(`${file} cannot be loaded: ${reason}`, { cause: error });
  }
}

function defaultOf(modules: Modules, name: string): unknown {
  return modules[name]?.["default"] ?? null;
}

function providersOf(modules: Modules): AuthProvider[] {
  const config = defaultOf(modules, "auth.config") as { providers?: unknown } | null;
  if (config === null) return [];
  if (!Array.isArray(config.providers)) throw new AppError("auth.config must export {providers: […]}.");
  return config.providers.map((provider: AuthProvider, i) => {
    const isCustom = "type" in provider && provider.type === "customJwt";
    const fields = isCustom ? ["issuer", "jwks", "algorithm"] : ["domain", "applicationID"];
    for (const field of fields) {
      const value = (provider as unknown as Record<string, unknown>)[field];
      if (typeof value !== "string" || value === "") {
        throw new AppError(
          `auth.config: provider ${i + 1} has no ${field} (is an environment variable missing?).`,
        );
      }
    }
    return provider;
  });
}
