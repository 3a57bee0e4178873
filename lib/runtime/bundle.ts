import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Crons } from "convex/server";
import type { BuildFailure } from "esbuild";
import type { AuthProvider } from "./front/auth.ts";
import type { EngineOptions } from "./engine/engine.ts";
import type { Modules } from "./engine/functions.ts";

/** An app's folder, loaded. */
export interface App {
  modules: Modules;
  schema: EngineOptions["schema"];
  crons: Crons | null;
  providers: AuthProvider[];
}

/** The app's folder cannot be bundled or loaded; the message is one sentence for its developer. */
export class AppError extends Error {
  override name = "AppError";
}

const SOURCE = /^[^.#][^.]*\.(ts|tsx|js|jsx|mjs|mts)$/;
const MANIFEST = "bundle.json";
const ENVIRONMENT = "__convexRuntimeEnvironment";

/** The modules of a folder as Convex counts them: no `_generated`, no second dot but in `auth.config`. */
function moduleFiles(dir: string, below = ""): string[] {
  return fs.readdirSync(path.join(dir, below), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(below, entry.name);
    if (entry.isDirectory()) {
      return /^(_generated|node_modules|\..*)$/.test(entry.name) ? [] : moduleFiles(dir, file);
    }
    const isAuth = below === "" && /^auth\.config\.(ts|js|mjs)$/.test(entry.name);
    return SOURCE.test(entry.name) || isAuth ? [file] : [];
  });
}

/** An app's folder, bundled; plain data, so that any thread can load it. */
export interface Bundle {
  /** The modules' files, as they are called in the app's folder. */
  files: string[];
  /** Where the bundled ones are. */
  target: string;
  /** What the app sees as `process.env`. */
  env: Record<string, string>;
}

/**
 * Bundles an app with everything that it imports, into a new folder in `outDir`; or gives what an earlier
 * run made there, if nothing of what that was made from has changed.
 * @throws AppError
 */
export async function bundleApp(options: {
  dir: string;
  outDir: string;
  env: Record<string, string>;
  /** An earlier bundle that is still in use. */
  keep?: Bundle;
}): Promise<Bundle> {
  const { dir, outDir, env, keep } = options;
  if (!fs.existsSync(dir) || !fs.statSync(dir).isDirectory()) throw new AppError(`${dir} is not a folder.`);
  const files = moduleFiles(dir);
  if (files.length === 0) throw new AppError(`${dir} contains no functions.`);
  const known = reusable(dir, outDir, files);
  if (known !== null) return { files, target: known, env };
  forgetBundles(outDir, keep?.target);
  // A folder of its own for each bundle, since Node never loads the same file twice.
  const target = path.join(outDir, randomBytes(6).toString("hex"));
  const inputs = await bundle(dir, files, target);
  const manifest: Manifest = { dir, files, target, inputs: hashAll(inputs.toSorted()) };
  fs.writeFileSync(path.join(outDir, MANIFEST), JSON.stringify(manifest));
  return { files, target, env };
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
  /** The hash of each source, by path. */
  inputs: Record<string, string>;
}

function hashAll(inputs: readonly string[]): Record<string, string> {
  const own = fileURLToPath(import.meta.url);
  return Object.fromEntries(
    // This file, too, since it says how to bundle.
    [own, ...inputs].map((file) => [
      file,
      createHash("sha256").update(fs.readFileSync(file)).digest("base64"),
    ]),
  );
}

function reusable(dir: string, outDir: string, files: readonly string[]): string | null {
  try {
    const manifest = JSON.parse(fs.readFileSync(path.join(outDir, MANIFEST), "utf8")) as Manifest;
    const now = { ...manifest, dir, files, inputs: hashAll(Object.keys(manifest.inputs).slice(1)) };
    return JSON.stringify(now) === JSON.stringify(manifest) && fs.existsSync(manifest.target)
      ? manifest.target
      : null;
  } catch {
    // None, or not readable, or a source is gone: it is made anew.
    return null;
  }
}

/** Loads a bundled app into this thread. @throws AppError */
export async function loadApp({ files, target, env }: Bundle): Promise<App> {
  const modules: Modules = {};
  (globalThis as Record<string, unknown>)[ENVIRONMENT] = Object.freeze({ ...env });
  try {
    for (const file of files) {
      const name = file.replace(/\.[a-z]+$/, "");
      modules[name] = await load(file, path.join(target, `${name}.mjs`));
    }
  } finally {
    delete (globalThis as Record<string, unknown>)[ENVIRONMENT];
  }
  return {
    modules,
    schema: defaultOf(modules, "schema") as App["schema"],
    crons: defaultOf(modules, "crons") as App["crons"],
    providers: providersOf(modules),
  };
}

/** @returns the absolute paths of all that went into it */
async function bundle(dir: string, files: string[], target: string): Promise<string[]> {
  // Loaded only when it is needed.
  const esbuild = await import("esbuild");
  try {
    const { metafile } = await esbuild.build({
      absWorkingDir: dir,
      entryPoints: files,
      outdir: target,
      outbase: dir,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node24",
      conditions: ["convex", "module"],
      define: { "process.env": ENVIRONMENT, "process.env.NODE_ENV": '"production"' },
      // Modules that are loaded keep the environment that they were loaded with.
      banner: {
        js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url); const ${ENVIRONMENT} = globalThis.${ENVIRONMENT};`,
      },
      nodePaths: [fileURLToPath(new URL("../../node_modules", import.meta.url))],
      sourcemap: "inline",
      sourcesContent: false,
      metafile: true,
      logLevel: "silent",
    });
    return Object.keys(metafile.inputs).map((file) => path.resolve(dir, file));
  } catch (error) {
    const [first] = (error as BuildFailure).errors ?? [];
    const place = first?.location ? `${first.location.file}:${first.location.line}: ` : "";
    throw new AppError(
      `${dir} cannot be bundled: ${place}${first?.text ?? (error instanceof Error ? error.message : String(error))}`,
      { cause: error },
    );
  } finally {
    // Otherwise its process stays for as long as this one.
    await esbuild.stop();
  }
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
