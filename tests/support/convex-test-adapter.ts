import {
  actionGeneric,
  anyApi,
  componentsGeneric,
  getFunctionAddress,
  internalActionGeneric,
  internalMutationGeneric,
  internalQueryGeneric,
  mutationGeneric,
  queryGeneric,
  type GenericSchema,
  type SchemaDefinition,
  type UserIdentity,
} from "convex/server";
import { ConvexError, convexToJson, jsonToConvex, type Value } from "convex/values";
import type { TestConvex } from "convex-test";
import { NO_SOURCE, type Identity, type Source } from "#runtime/engine/call.ts";
import type { Clock } from "#runtime/engine/clock.ts";
import { addressOf, APP } from "#runtime/engine/component-path.ts";
import {
  openEngine,
  type Answer,
  type ComponentParts,
  type EngineOptions,
  type LocalEngine,
} from "#runtime/engine/engine.ts";
import { FunctionError } from "#runtime/engine/errors.ts";
import {
  canonicalPath,
  type Modules,
  type RegisteredFunction,
  type UdfKind,
} from "#runtime/engine/functions.ts";
import { installGlobals } from "#runtime/engine/globals.ts";
import { checkNames, type DeclaredTable } from "#runtime/engine/schema-names.ts";
import type { LimitOptions } from "#runtime/engine/limits.ts";

type Loaders = Map<string, () => Promise<Record<string, unknown>>>;
type Glob = Record<string, () => Promise<unknown>>;
type Schema<S extends GenericSchema> = SchemaDefinition<S, boolean>;
interface Options<S extends GenericSchema> {
  schema?: Schema<S>;
  modules?: Glob;
  transactionLimits?: Exclude<LimitOptions, false> | boolean;
}
type Handler = (ctx: never, args: never) => Promise<unknown>;
type Target = Handler | object;

const MAX_PUMPS = 10_000;
/** `convex-test` words some refusals in its own way; the platform's words are the engine's, and follow. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^ReturnsValidationError: /, "Return value validation failed: "],
  [/is missing the required field (`[^`]*`)/, "Validator error: Missing required field $1 in object\n"],
  [/contains extra field (`[^`]*`) that is not/, "Validator error: Unexpected field $1 in object\n"],
  [/\nValue: (.*)\nValidator: v\.string\(/, "Validator error: Expected `string`, got `$1`\n"],
  [/\nValue: (.*)\nValidator: v\.float64\(/, "Validator error: Expected `number`, got `$1`\n"],
  [/\nValue: (.*)\nValidator: v\.int64\(/, "Validator error: Expected `bigint`, got `$1`\n"],
  [/\nValue: (.*)\nValidator: v\.boolean\(/, "Validator error: Expected `boolean`, got `$1`\n"],
  [/^ArgumentValidationError: |does not match the schema: /, "Validator error: "],
  [
    /^Invalid argument `id` for .*: expected to be an Id<"(.*)">, got Id<"(.*)"> instead/,
    "Invalid argument `id`, expected ID in table '$1' but got ID in table '$2'\n",
  ],
  [/Too many bytes read in/, "Read too much data: "],
  [/Too many documents read in/, "Scanned too many documents: "],
  [/Too many bytes written in/, "Wrote too much data: "],
  [/Too many documents written in/, "Wrote too many documents: "],
  [/Too many reads in/, "Too many index ranges: "],
];

/** The timers that run, and by which clock: a test's fake one, or the real one. */
const begun = new Map<NodeJS.Timeout, typeof setTimeout>();
/** The timers of the moment, so that a test's fake ones drive the engine. */
const clock: Clock = {
  now: () => Date.now(),
  timer(callback, delayMs) {
    const { setTimeout: begin, clearTimeout } = globalThis;
    const handle = begin(() => {
      begun.delete(handle);
      callback();
    }, delayMs);
    begun.set(handle, begin);
    return () => {
      begun.delete(handle);
      clearTimeout(handle);
    };
  },
  // Nothing but microtasks, as in `convex-test`: a test that moves its fake timers on waits for no more.
  turn: async () => {},
};
const { setImmediate: realSetImmediate } = globalThis;

/**
 * `convex-test`'s interface over an engine of its own in memory: the same tests run on either.
 * @param modules what `import.meta.glob` gives for the app's folder; Studio's own if left out
 */
export function convexTest<S extends GenericSchema>(
  schemaOrOptions?: Schema<S> | Options<S>,
  modules?: Glob,
): TestConvex<Schema<S>> {
  const options: Options<S> =
    schemaOrOptions && !("tables" in schemaOrOptions)
      ? schemaOrOptions
      : { ...(schemaOrOptions ? { schema: schemaOrOptions } : {}), ...(modules ? { modules } : {}) };
  const { transactionLimits = false } = options;
  const app = new TestApp(options.modules ?? import.meta.glob("../../convex/**/*.*s"), {
    schema: options.schema ?? null,
    clock,
    url: "https://some.convex.cloud",
    deployment: { name: "test", region: null, class: "s16" },
    limits: transactionLimits === true ? {} : transactionLimits,
  });
  return new Accessor(app, null, NO_SOURCE) as unknown as TestConvex<Schema<S>>;
}

/** The app of one test, with the components that are registered until its first call. */
class TestApp {
  private readonly glob: Glob;
  private readonly options: Omit<EngineOptions, "modules" | "path">;
  private readonly modules: Modules = {};
  private readonly tests: Loaders = new Map();
  private readonly components: Record<string, ComponentParts> = {};
  private readonly globs: (readonly [Glob, Modules])[] = [];
  private opening: Promise<LocalEngine> | null = null;

  constructor(glob: Glob, options: Omit<EngineOptions, "modules" | "path">) {
    // A test may look at a global before its first call, and expects a schema that is wrong to be refused at once.
    installGlobals();
    const exported = options.schema as unknown as { export(): string } | null;
    const { tables } = JSON.parse(exported?.export() ?? '{"tables":[]}') as { tables: DeclaredTable[] };
    for (const table of tables) checkNames(table);
    this.glob = glob;
    this.options = options;
  }

  register(path: string, schema: ComponentParts["schema"], glob: Glob): void {
    if (this.opening) throw new Error(`Register the component "${path}" before the first call.`);
    const modules: Modules = {};
    this.components[path] = { modules, schema };
    this.globs.push([glob, modules]);
  }

  /** The engine with all modules loaded, its scheduler at work. */
  async engine(): Promise<LocalEngine> {
    this.opening ??= this.open();
    return await this.opening;
  }

  async loadTest(path: string): Promise<void> {
    const name = canonicalPath(path).split(":")[0] ?? "";
    this.modules[name] ??= (await this.tests.get(name)?.()) ?? {};
  }

  private async open(): Promise<LocalEngine> {
    await Promise.all([
      load(this.glob, this.modules, this.tests),
      ...this.globs.map(async ([glob, modules]) => await load(glob, modules, new Map())),
    ]);
    const { components, modules, options } = this;
    const engine = openEngine({ ...options, modules, components, path: ":memory:" });
    await engine.scheduler.start();
    return engine;
  }
}

/** @param tests takes the test files: each registers its tests where it is loaded, so it is loaded when it is named */
async function load(glob: Glob, into: Modules, tests: Loaders): Promise<void> {
  const files = Object.keys(glob);
  if (files.length === 0) return;
  const generated = files.find((file) => file.includes("/_generated/"));
  if (generated === undefined) {
    throw new Error('The modules have no "_generated" folder, which says where the functions begin.');
  }
  const prefix = generated.split("_generated/")[0] ?? "";
  await Promise.all(
    files.map(async (file) => {
      const name = file.slice(prefix.length).replace(/\.[a-z]+$/, "");
      if (!file.startsWith(prefix) || /^_generated\/|\.d$|\.config$/.test(name)) return;
      const read = async () => (await glob[file]?.()) as Record<string, unknown>;
      if (name.endsWith(".test")) tests.set(name, read);
      else into[name] = await read();
    }),
  );
}

/** One way to call: as an identity, or as nobody. */
class Accessor {
  private readonly app: TestApp;
  private readonly identity: Identity | null;
  private readonly source: Source;

  constructor(app: TestApp, identity: Identity | null, source: Source) {
    this.app = app;
    this.identity = identity;
    this.source = source;
  }

  readonly query = (target: Target, args?: Value) => this.call("query", target, args);
  readonly mutation = (target: Target, args?: Value) => this.call("mutation", target, args);
  readonly action = (target: Target, args?: Value) => this.call("action", target, args);
  readonly run = (handler: Handler) => this.call("mutation", handler);

  readonly fetch = async (path: string, init?: RequestInit): Promise<Response> => {
    if (!path.startsWith("/")) throw new Error("The path given to `t.fetch` must start with a `/`");
    const engine = await this.app.engine();
    const request = new Request(`https://some.convex.site${path}`, init);
    const response = await engine.httpAction(request, this.identity, this.source).catch((error: unknown) => {
      throw error instanceof FunctionError ? toThrown(error) : error;
    });
    return response ?? new Response(`No HttpAction routed for ${path}`, { status: 404 });
  };

  readonly withIdentity = (attributes: Partial<UserIdentity>): Accessor => {
    const subject = attributes.subject ?? `subject-${textHash(JSON.stringify(attributes))}`;
    const issuer = attributes.issuer ?? "https://convex.test";
    const tokenIdentifier = attributes.tokenIdentifier ?? `${issuer}|${subject}`;
    const identity = { ...attributes, subject, issuer, tokenIdentifier } as unknown as Identity;
    return new Accessor(this.app, identity, this.source);
  };

  readonly withRequestMetadata = ({ ip = null, userAgent = null }: Partial<Source>): Accessor =>
    new Accessor(this.app, this.identity, { ...NO_SOURCE, ip, userAgent });

  /** @param path the way to it from the app, such as "workflow/workpool" */
  readonly registerComponent = (path: string, schema: ComponentParts["schema"], glob: Glob): unknown => {
    this.app.register(path, schema, glob);
    return componentsGeneric()[path];
  };

  readonly finishInProgressScheduledFunctions = async (): Promise<void> => {
    const { scheduler } = await this.app.engine();
    // What another clock was to begin (before fake timers began) would wait for that, and is due on this one.
    if ([...begun.values()].some((begin) => begin !== globalThis.setTimeout)) scheduler.poke();
    await scheduler.settled();
  };

  readonly finishAllScheduledFunctions = async (
    advanceTimers: () => void,
    maxIterations = 100,
  ): Promise<void> => {
    const { scheduler } = await this.app.engine();
    for (let i = 0; i < maxIterations; i++) {
      // What was scheduled on another clock (before fake timers began) is due on this one.
      scheduler.poke();
      advanceTimers();
      if (scheduler.inProgress === 0) return;
      // An action may itself wait for time to pass.
      for (let pump = 0; pump < MAX_PUMPS && scheduler.inProgress > 0; pump++) {
        advanceTimers();
        await new Promise((resolve) => {
          realSetImmediate(resolve);
        });
      }
    }
    throw new Error(
      `Scheduled functions still ran after ${maxIterations} iterations. Check for infinitely recursive scheduled functions, or raise maxIterations.`,
    );
  };

  private async call(kind: UdfKind, target: Target, args?: Value): Promise<unknown> {
    const engine = await this.app.engine();
    try {
      const answer =
        typeof target === "function"
          ? await engine.inline(kind, this.registered(kind, target as Handler), this.identity)
          : await this.named(engine, kind, target, args);
      await this.loadHandles(answer.value);
      return jsonToConvex(JSON.parse(answer.value));
    } catch (error) {
      throw error instanceof FunctionError ? toThrown(error) : error;
    }
  }

  /** A handler as a function whose calls of others find those of the test's own file, too. */
  private registered(kind: UdfKind, handler: Handler): RegisteredFunction {
    const make = { query: queryGeneric, mutation: mutationGeneric, action: actionGeneric }[kind];
    const { app } = this;
    const finding =
      (call: (reference: object, ...rest: object[]) => unknown) =>
      async (reference: object, ...rest: object[]) => {
        const path = pathOf(reference);
        if (path !== undefined) await app.loadTest(path);
        return await call(reference, ...rest);
      };
    const body = async (ctx: object, args: never) => {
      const calls = Object.entries(ctx).filter(([name]) => /^run(Query|Mutation|Action)$/.test(name));
      const found = Object.fromEntries(calls.map(([name, call]) => [name, finding(call as never)]));
      return await handler({ ...ctx, ...found } as never, args);
    };
    return make(body as never) as RegisteredFunction;
  }

  /** Handles may lead to functions of the test's file, too. */
  private async loadHandles(text: string): Promise<void> {
    for (const [, path = ""] of text.matchAll(/"function:\/\/;([^"]+)"/g)) await this.app.loadTest(path);
  }

  private async named(
    engine: LocalEngine,
    kind: UdfKind,
    reference: object,
    args: Value = {},
  ): Promise<Answer> {
    const own = pathOf(reference);
    const argsText = JSON.stringify(convexToJson(args));
    if (own !== undefined) await this.app.loadTest(own);
    await this.loadHandles(argsText);
    const { identity, source } = this;
    return engine[kind]({
      path: addressOf(APP, getFunctionAddress(reference)),
      args: argsText,
      identity,
      internal: true,
      source,
    });
  }
}

/** `module:function`; undefined for what lies in a component. */
function pathOf(reference: object): string | undefined {
  return (getFunctionAddress(reference) as { name?: string }).name;
}

function toThrown({ failure }: FunctionError): Error {
  const said = failure.message.replace(/^(Uncaught Error: )+/, "");
  const word = WORDS.find(([pattern]) => pattern.test(said));
  const message = `${word ? (said.match(word[0])?.[0] ?? "").replace(...word) : ""}${said}`;
  if (failure.data === undefined) return new Error(message);
  const thrown = new ConvexError(jsonToConvex(failure.data));
  thrown.message = message;
  return thrown;
}

/** A number for a text, the same each time. */
function textHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash >>> 0;
}

/** `convex-test`'s way to an app of modules that a test writes out. */
export function defineTestApp<S extends GenericSchema>(app: {
  schema: Schema<S>;
  components?: Record<string, { register(t: unknown, name: string): unknown }>;
}) {
  return {
    components: componentsGeneric(),
    query: queryGeneric,
    internalQuery: internalQueryGeneric,
    mutation: mutationGeneric,
    internalMutation: internalMutationGeneric,
    action: actionGeneric,
    internalAction: internalActionGeneric,
    defineModules: (modules: Modules) => ({
      api: anyApi,
      internal: anyApi,
      createTest(options: Pick<Options<S>, "transactionLimits"> = {}): TestConvex<Schema<S>> {
        const files = Object.entries(modules).map(([name, module]) => [`./${name}.ts`, async () => module]);
        const glob = { ...Object.fromEntries(files), "./_generated/api.js": async () => ({}) } as Glob;
        const t = convexTest({ ...options, schema: app.schema, modules: glob });
        for (const [name, component] of Object.entries(app.components ?? {})) component.register(t, name);
        return t;
      },
    }),
  };
}
