import {
  actionGeneric,
  getFunctionAddress,
  mutationGeneric,
  queryGeneric,
  type GenericSchema,
  type SchemaDefinition,
  type UserIdentity,
} from "convex/server";
import { ConvexError, convexToJson, jsonToConvex, type Value } from "convex/values";
import type { TestConvex } from "convex-test";
import { NO_SOURCE, type Identity, type Source } from "../../lib/runtime/engine/call.ts";
import type { Clock } from "../../lib/runtime/engine/clock.ts";
import { openEngine, type Answer, type LocalEngine } from "../../lib/runtime/engine/engine.ts";
import { FunctionError } from "../../lib/runtime/engine/errors.ts";
import {
  canonicalPath,
  type Modules,
  type RegisteredFunction,
  type UdfKind,
} from "../../lib/runtime/engine/functions.ts";
import type { LimitOptions } from "../../lib/runtime/engine/limits.ts";

type Loaders = Map<string, () => Promise<Record<string, unknown>>>;
/** The app's modules: when they are there, and the way to a test file's. */
interface Loading {
  readonly ready: Promise<void>;
  loadTest(path: string): Promise<void>;
}
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
  [/Too many bytes read in/, "Read too much data: "],
  [/Too many documents read in/, "Scanned too many documents: "],
  [/Too many bytes written in/, "Wrote too much data: "],
  [/Too many documents written in/, "Wrote too many documents: "],
  [/Too many reads in/, "Too many index ranges: "],
];

/** The timers of the moment, so that a test's fake ones drive the engine. */
const clock: Clock = {
  now: () => Date.now(),
  timer(callback, delayMs) {
    const { clearTimeout } = globalThis;
    const handle = setTimeout(callback, delayMs);
    return () => clearTimeout(handle);
  },
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
  const loaded: Modules = {};
  const engine = openEngine({
    schema: options.schema ?? null,
    modules: loaded,
    path: ":memory:",
    clock,
    url: "https://some.convex.cloud",
    deployment: { name: "test", region: null, class: "s16" },
    limits: transactionLimits === true ? {} : transactionLimits,
  });
  const tests: Loaders = new Map();
  const ready = load(options.modules ?? import.meta.glob("../../convex/**/*.*s"), loaded, tests).then(() =>
    engine.scheduler.start(),
  );
  // Whoever awaits a call is told; nobody else has to be.
  ready.catch(() => undefined);
  const loadTest = async (path: string): Promise<void> => {
    const name = canonicalPath(path).split(":")[0] ?? "";
    loaded[name] ??= (await tests.get(name)?.()) ?? {};
  };
  const root = new Accessor(engine, { ready, loadTest }, null, NO_SOURCE);
  return root as unknown as TestConvex<Schema<S>>;
}

/** @param tests takes the test files: each registers its tests where it is loaded, so it is loaded when it is named */
async function load(glob: Glob, into: Modules, tests: Loaders): Promise<void> {
  const files = Object.keys(glob);
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
  private readonly engine: LocalEngine;
  private readonly modules: Loading;
  private readonly identity: Identity | null;
  private readonly source: Source;

  constructor(engine: LocalEngine, modules: Loading, identity: Identity | null, source: Source) {
    this.engine = engine;
    this.modules = modules;
    this.identity = identity;
    this.source = source;
  }

  readonly query = (target: Target, args?: Value) => this.call("query", target, args);
  readonly mutation = (target: Target, args?: Value) => this.call("mutation", target, args);
  readonly action = (target: Target, args?: Value) => this.call("action", target, args);
  readonly run = (handler: Handler) => this.call("mutation", handler);

  readonly fetch = async (path: string, init?: RequestInit): Promise<Response> => {
    if (!path.startsWith("/")) throw new Error("The path given to `t.fetch` must start with a `/`");
    await this.modules.ready;
    const request = new Request(`https://some.convex.site${path}`, init);
    const response = await this.engine.httpAction(request, this.identity, this.source);
    return response ?? new Response(`No HttpAction routed for ${path}`, { status: 404 });
  };

  readonly withIdentity = (attributes: Partial<UserIdentity>): Accessor => {
    const subject = attributes.subject ?? `subject-${textHash(JSON.stringify(attributes))}`;
    const issuer = attributes.issuer ?? "https://convex.test";
    const tokenIdentifier = attributes.tokenIdentifier ?? `${issuer}|${subject}`;
    const identity = { ...attributes, subject, issuer, tokenIdentifier } as unknown as Identity;
    return new Accessor(this.engine, this.modules, identity, this.source);
  };

  readonly withRequestMetadata = ({ ip = null, userAgent = null }: Partial<Source>): Accessor =>
    new Accessor(this.engine, this.modules, this.identity, { ...NO_SOURCE, ip, userAgent });

  /** Components cannot run here; a function that calls one is told so. */
  readonly registerComponent = (): void => undefined;

  readonly finishInProgressScheduledFunctions = async (): Promise<void> => {
    await this.modules.ready;
    await this.engine.scheduler.settled();
  };

  readonly finishAllScheduledFunctions = async (
    advanceTimers: () => void,
    maxIterations = 100,
  ): Promise<void> => {
    await this.modules.ready;
    const { scheduler } = this.engine;
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
    await this.modules.ready;
    try {
      const answer =
        typeof target === "function"
          ? await this.engine.inline(kind, this.registered(kind, target as Handler), this.identity)
          : await this.named(kind, target, args);
      return jsonToConvex(JSON.parse(answer.value));
    } catch (error) {
      throw error instanceof FunctionError ? toThrown(error) : error;
    }
  }

  /** A handler as a function whose calls of others find those of the test's own file, too. */
  private registered(kind: UdfKind, handler: Handler): RegisteredFunction {
    const make = { query: queryGeneric, mutation: mutationGeneric, action: actionGeneric }[kind];
    const { modules } = this;
    const finding =
      (call: (reference: object, args: object) => unknown) => async (reference: object, args: object) => {
        const path = pathOf(reference);
        if (path !== undefined) await modules.loadTest(path);
        return await call(reference, args);
      };
    const body = async (ctx: object, args: never) => {
      const calls = Object.entries(ctx).filter(([name]) => /^run(Query|Mutation|Action)$/.test(name));
      const found = Object.fromEntries(calls.map(([name, call]) => [name, finding(call as never)]));
      return await handler({ ...ctx, ...found } as never, args);
    };
    return make(body as never) as RegisteredFunction;
  }

  private async named(kind: UdfKind, reference: object, args: Value = {}): Promise<Answer> {
    const path = pathOf(reference);
    if (path === undefined) throw new Error("Components cannot run: the embedded runtime has none.");
    await this.modules.loadTest(path);
    const { identity, source } = this;
    return this.engine[kind]({
      path,
      args: JSON.stringify(convexToJson(args)),
      identity,
      internal: true,
      source,
    });
  }
}

/** `module:function`; undefined for what lies in a component. */
function pathOf(reference: object): string | undefined {
  const address = getFunctionAddress(reference) as { name?: string; functionHandle?: string };
  return address.name ?? address.functionHandle?.replace("function://;", "");
}

function toThrown({ failure }: FunctionError): Error {
  const said = failure.message.replace(/^Uncaught Error: /, "");
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
