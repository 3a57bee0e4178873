import fs from "node:fs";
import { registerHooks } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { pushedOf, type Pushed, type PushedPart } from "./pushed.ts";

/** A tree of what a component offers (convex 1.48.0, src/cli/lib/deployApi/componentDefinition.ts). */
type Exports =
  | { type: "leaf"; leaf: string }
  | { type: "branch"; branch: [name: string, exports: Exports][] };

interface AnalyzedFunction {
  name: string;
  pos: null;
  udfType: "Query" | "Mutation" | "Action";
  visibility: { kind: "public" | "internal" };
  args: string;
  returns: string | null;
}

/** What `defineApp` and `defineComponent` make, as far as it is read here. */
interface Definition {
  export(): { childComponents: { name: string; path: string }[]; exports: Exports };
}

/** What is known of the app or a component after its code was loaded. */
interface Analyzed {
  definition: ReturnType<Definition["export"]> & { path: string };
  schema: unknown;
  functions: Record<string, object>;
  udfConfig: object;
}

/** A component where it is used, as the command reads it. */
interface Checked {
  definitionPath: string;
  componentPath: string;
  args: object;
  childComponents: Record<string, Checked>;
  httpRoutes: object;
  exports: object;
}

const REQUEST = "request.json";
const ANSWER = "answer.json";
/** By which those that use a component find its definition. */
const OFFERED = "offered.js";

/** The files by which a push is handed to the process that loads it, and by which that answers. */
export const filesOf = (folder: string): { request: string; answer: string } => ({
  request: path.join(folder, REQUEST),
  answer: path.join(folder, ANSWER),
});

/**
 * Loads what was pushed into this process, and writes what is known of it then: an answer of `/api/deploy2/start_push`,
 * or why there is none, for its developer.
 * @param folder has the request, and takes the code
 * @param project where packages that aren't bundled are looked for
 */
export async function analyzePush(folder: string, project: string): Promise<void> {
  const { request, answer } = filesOf(folder);
  const write = (value: object): void => fs.writeFileSync(answer, JSON.stringify(value), { mode: 0o600 });
  try {
    const pushed = pushedOf(JSON.parse(fs.readFileSync(request, "utf8")) as Record<string, unknown>);
    // Node takes files without an extension below it for modules, too.
    fs.writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
    findPackagesIn(project);
    write({ ok: true, answer: await answerTo(pushed, folder) });
  } catch (error) {
    write({ ok: false, reason: error instanceof Error ? error.message : String(error) });
  }
}

/** Packages that a push leaves out are found as from the project. */
function findPackagesIn(project: string): void {
  const parentURL = pathToFileURL(path.join(path.resolve(project), "convex.json")).href;
  registerHooks({
    resolve: (specifier, context, next) => {
      try {
        return next(specifier, context);
      } catch (error) {
        if (/^[./]|^file:/.test(specifier)) throw error;
        return next(specifier, { ...context, parentURL });
      }
    },
  });
}

async function answerTo(pushed: Pushed, folder: string): Promise<object> {
  const parts = [pushed.app, ...pushed.components];
  const places = new Map(parts.map((part, index) => [part.path, path.join(folder, String(index))]));
  for (const part of parts) writePart(part, places);
  const analysis: Record<string, Analyzed> = {};
  for (const part of parts) analysis[part.path] = await analyzed(part, places.get(part.path) ?? folder);
  return {
    environmentVariables: {},
    externalDepsId: null,
    componentDefinitionPackages: {},
    appAuth: [],
    analysis,
    app: checked(analysis, "", "", []),
    schemaChange: { allocatedComponentIds: {}, schemaIds: {}, indexDiffs: {} },
  };
}

/** Writes a part's code: its modules by themselves, and its definition beside stand-ins of those that this uses. */
function writePart(part: PushedPart, places: ReadonlyMap<string, string>): void {
  const at = places.get(part.path) ?? "";
  const write = (file: string, source: string): void => {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(file, source);
  };
  for (const { path: file, source } of part.modules) write(path.join(at, "functions", file), source);
  if (part.schema) write(path.join(at, "schema", part.schema.path), part.schema.source);
  if (part.definition) {
    write(path.join(at, "definition", part.definition.path), part.definition.source);
    write(
      path.join(at, OFFERED),
      `export { default } from ${JSON.stringify(`./definition/${part.definition.path}`)};`,
    );
  }
  for (const used of part.dependencies) {
    const place = places.get(used);
    if (place === undefined) throw new Error(`The component "${used}" was not pushed.`);
    // So is it called by the command, which leaves it to the deployment.
    const name = Buffer.from(used).toString("base64url");
    write(path.join(at, "definition/_componentDeps", name), standIn(used, place));
  }
}

/** What `app.use` takes: the definition that knows its place. */
const standIn = (used: string, place: string): string =>
  [
    `import definition from ${JSON.stringify(pathToFileURL(path.join(place, OFFERED)).href)};`,
    `definition.componentDefinitionPath = ${JSON.stringify(used)};`,
    "definition.defaultName ??= definition._name;",
    "export default definition;",
  ].join("\n");

async function analyzed(part: PushedPart, at: string): Promise<Analyzed> {
  const functions: Analyzed["functions"] = {};
  const tree: Exports = { type: "branch", branch: [] };
  for (const { path: file } of part.modules) {
    if (file.startsWith("_deps/")) continue;
    const own = functionsOf(await loaded(path.join(at, "functions", file), file));
    functions[file] = { functions: own, httpRoutes: null, cronSpecs: null, sourceMapped: null };
    const name = file.replace(/\.js$/, "");
    for (const one of own)
      if (one.visibility.kind === "public")
        offer(tree, [...name.split("/"), one.name], `${name}:${one.name}`);
  }
  const schema = part.schema && (await loaded(path.join(at, "schema", part.schema.path), part.schema.path));
  const exported = (schema?.["default"] as { export?: () => string } | undefined)?.export?.();
  const config =
    part.definition &&
    (await loaded(path.join(at, "definition", part.definition.path), part.definition.path));
  const definition = (config?.["default"] as Definition | undefined)?.export() ?? {
    definitionType: { type: "app" },
    childComponents: [],
    httpMounts: {},
    exports: { type: "branch", branch: [] },
  };
  return {
    // Of a component, others may call all that is public in it.
    definition: { ...definition, path: part.path, ...(part.path !== "" && { exports: tree }) },
    schema: exported === undefined ? null : (JSON.parse(exported) as unknown),
    functions,
    udfConfig: { serverVersion: "1.48.0", importPhaseRngSeed: null, importPhaseUnixTimestamp: null },
  };
}

async function loaded(file: string, name: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} cannot be loaded: ${reason}`, { cause: error });
  }
}

/** A module's functions, as `query`, `mutation` and `action` make them. */
function functionsOf(module: Record<string, unknown>): AnalyzedFunction[] {
  return Object.entries(module).flatMap(([name, value]) => {
    const fn = value as Partial<Record<"isQuery" | "isMutation" | "isAction" | "isPublic", boolean>> & {
      exportArgs?: () => string;
      exportReturns?: () => string;
    };
    if (typeof value !== "function" || typeof fn.exportArgs !== "function") return [];
    const udfType = fn.isQuery ? "Query" : fn.isMutation ? "Mutation" : fn.isAction ? "Action" : null;
    if (udfType === null) return [];
    const visibility = { kind: fn.isPublic ? ("public" as const) : ("internal" as const) };
    return [
      { name, pos: null, udfType, visibility, args: fn.exportArgs(), returns: fn.exportReturns?.() ?? null },
    ];
  });
}

function offer(tree: Exports, [name = "", ...below]: string[], path: string): void {
  if (tree.type === "leaf") return;
  if (below.length === 0) {
    tree.branch.push([name, { type: "leaf", leaf: `_reference/function/${path}` }]);
    return;
  }
  let found = tree.branch.find(([known]) => known === name)?.[1];
  if (!found) tree.branch.push([name, (found = { type: "branch", branch: [] })]);
  offer(found, below, path);
}

/** Components that use each other have no end: so deep they are refused. */
const MAX_DEPTH = 16;

function checked(
  analysis: Record<string, Analyzed>,
  definitionPath: string,
  componentPath: string,
  above: readonly string[],
): Checked {
  if (above.length > MAX_DEPTH) throw new Error(`Components are nested too deeply: ${above.join(", ")}.`);
  const used = analysis[definitionPath]?.definition.childComponents ?? [];
  return {
    definitionPath,
    componentPath,
    args: {},
    childComponents: Object.fromEntries(
      used.map(({ name, path: at }) => {
        const below = componentPath === "" ? name : `${componentPath}/${name}`;
        return [name, checked(analysis, at, below, [...above, name])];
      }),
    ),
    httpRoutes: { httpModuleRoutes: null, mounts: [] },
    exports: {},
  };
}
