import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Crons } from "convex/server";
import * as esbuild from "esbuild";
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

/**
 * Bundles an app with everything that it imports, into `outDir` (its earlier content is removed), and
 * loads it. `process.env` in the app is `env`, never the runtime's own environment.
 * @throws AppError
 */
export async function loadApp(options: {
  dir: string;
  outDir: string;
  env: Record<string, string>;
}): Promise<App> {
  const { dir, outDir, env } = options;
  if (!fs.existsSync(dir) || !fs.statSync(dir).isDirectory()) throw new AppError(`${dir} is not a folder.`);
  const files = moduleFiles(dir);
  if (files.length === 0) throw new AppError(`${dir} contains no functions.`);
  fs.rmSync(outDir, { recursive: true, force: true });
  // A folder of its own for each load, since Node never loads the same file twice.
  const target = path.join(outDir, randomBytes(6).toString("hex"));
  await bundle(dir, files, target);
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

async function bundle(dir: string, files: string[], target: string): Promise<void> {
  try {
    await esbuild.build({
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
      logLevel: "silent",
    });
  } catch (error) {
    const [first] = (error as esbuild.BuildFailure).errors ?? [];
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
