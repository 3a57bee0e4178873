import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type esbuildModule from "esbuild";
import type { BuildFailure, BuildOptions, Message, Plugin } from "esbuild";
import { generatedPlugin, isStandIn } from "./generated.ts";
import { AppError, type Project } from "./project.ts";

export type Esbuild = Pick<typeof esbuildModule, "build">;

/** Where bundled modules find what they see as `process.env`. */
export const ENVIRONMENT = "__convexRuntimeEnvironment";
const USE_NODE = /^(?:\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*["']use node["']/;
/** Marks what a plugin itself resolves. */
const ASKED = { asked: true };

export interface CompileOptions {
  project: Project;
  /** The folder of these modules. */
  dir: string;
  files: readonly string[];
  /** A folder that takes the result. */
  target: string;
  plugins?: Plugin[];
}

/**
 * Bundles a folder's modules with everything that they import.
 * @returns the absolute paths of all that went into it
 * @throws AppError that says which import led to what cannot be bundled
 */
export async function compile(esbuild: Esbuild, options: CompileOptions): Promise<string[]> {
  const { dir, files, project } = options;
  // As on the platform, packages stay as they are where "use node" modules import them.
  const isNode = (file: string): boolean => USE_NODE.test(fs.readFileSync(path.join(dir, file), "utf8"));
  const node = project.externalPackages.length > 0 ? files.filter(isNode) : [];
  const rest = files.filter((file) => !node.includes(file));
  const inputs = rest.length > 0 ? await build(esbuild, options, rest, []) : [];
  if (node.length > 0) inputs.push(...(await build(esbuild, options, node, [externals(project)])));
  return inputs;
}

async function build(
  esbuild: Esbuild,
  { project, dir, target, plugins = [] }: CompileOptions,
  files: string[],
  own: Plugin[],
): Promise<string[]> {
  // A folder beside the functions, so that sources are called as the platform calls them: `../convex/file.ts`.
  const outdir = path.join(project.root, "out");
  const settings: BuildOptions = {
    absWorkingDir: dir,
    entryPoints: files,
    outdir,
    outbase: dir,
    outExtension: { ".js": ".mjs" },
    chunkNames: "_deps/[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    conditions: ["convex", "module"],
    define: { "process.env": `${ENVIRONMENT}.current`, "process.env.NODE_ENV": '"production"' },
    // Modules that are loaded keep the environment that they were loaded with.
    banner: {
      js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url); const ${ENVIRONMENT} = globalThis.${ENVIRONMENT};`,
    },
    nodePaths: [fileURLToPath(new URL("../../node_modules", import.meta.url))],
    sourcemap: "inline",
    sourcesContent: false,
    metafile: true,
    logLevel: "silent",
    write: false,
  };
  const absolute = (file: string): string => path.resolve(dir, file.replace(/^component:/, ""));
  try {
    const { metafile, outputFiles = [] } = await esbuild.build({
      ...settings,
      plugins: [generatedPlugin, ...own, ...plugins],
    });
    for (const { path: file, contents } of outputFiles) {
      const place = path.join(target, path.relative(outdir, file));
      fs.mkdirSync(path.dirname(place), { recursive: true });
      fs.writeFileSync(place, contents);
    }
    return Object.keys(metafile?.inputs ?? {}).flatMap((file) => (isStandIn(file) ? [] : [absolute(file)]));
  } catch (error) {
    const { errors = [] } = error as Partial<BuildFailure>;
    const [first] = errors;
    const way = first?.location
      ? await wayTo(esbuild, settings, [generatedPlugin, ...own, ...plugins], first)
      : "";
    const place = first?.location ? `${first.location.file}:${first.location.line}: ` : "";
    const reason = first?.text ?? (error instanceof Error ? error.message : String(error));
    throw new AppError(`${dir} cannot be bundled: ${place}${reason}${way}`, {
      cause: error,
      files: errors.flatMap(({ location }) => (location ? [absolute(location.file)] : [])),
    });
  }
}

/** Leaves packages where they are, as files that Node loads by itself. */
function externals({ externalPackages }: Project): Plugin {
  const all = externalPackages.includes("*");
  return {
    name: "external packages",
    setup(builder) {
      builder.onResolve({ filter: /^[^./]/ }, async (wanted) => {
        const [scope = "", name = ""] = wanted.path.split("/");
        const own = scope.startsWith("@") ? `${scope}/${name}` : scope;
        const isBundled =
          own === "convex" || own.startsWith("node:") || !(all || externalPackages.includes(own));
        if (wanted.kind === "entry-point" || wanted.pluginData === ASKED || isBundled) return undefined;
        const { kind, importer, resolveDir } = wanted;
        const found = await builder.resolve(wanted.path, { kind, importer, resolveDir, pluginData: ASKED });
        if (found.errors.length > 0 || found.external) return found;
        const isRequired = kind === "require-call" || kind === "require-resolve";
        return { path: isRequired ? found.path : pathToFileURL(found.path).href, external: true };
      });
    },
  };
}

/** The imports that lead from one of the modules to where bundling failed, for the end of a sentence. */
async function wayTo(
  esbuild: Esbuild,
  settings: BuildOptions,
  plugins: Plugin[],
  { location }: Message,
): Promise<string> {
  const { absWorkingDir: dir = "" } = settings;
  const importers = new Map<string, string>();
  const recorder: Plugin = {
    name: "importers",
    setup(builder) {
      builder.onResolve(
        { filter: /.*/ },
        async ({ path: wanted, kind, importer, resolveDir, pluginData }) => {
          if (kind === "entry-point" || pluginData === ASKED) return undefined;
          const found = await builder.resolve(wanted, { kind, importer, resolveDir, pluginData: ASKED });
          if (found.errors.length === 0 && !importers.has(found.path)) importers.set(found.path, importer);
          return undefined;
        },
      );
    },
  };
  await esbuild.build({ ...settings, plugins: [...plugins, recorder] }).catch(() => undefined);
  const way: string[] = [];
  for (
    let at = importers.get(path.resolve(dir, location?.file ?? ""));
    at !== undefined && !way.includes(at);
    at = importers.get(at)
  ) {
    way.push(at);
  }
  if (way.length === 0) return "";
  return ` (imported by ${way.map((file) => path.relative(dir, file)).join(", imported by ")})`;
}
