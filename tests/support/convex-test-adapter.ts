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
import type { Modules, RegisteredFunction, UdfKind } from "../../lib/runtime/engine/functions.ts";
import type { LimitOptions } from "../../lib/runtime/engine/limits.ts";

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
/** `convex-test` words some refusals in its own way; the platform's words are the engine's. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^ArgumentValidationError: |does not match the schema: /, "Validator error: "],
  [/^ReturnsValidationError: /, "Return value validation failed: "],
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
  const ready = load(options.modules ?? import.meta.glob("../../convex/**/*.*s"), loaded).then(() =>
    engine.scheduler.start(),
  );
  // Whoever awaits a call is told; nobody else has to be.
  ready.catch(() => undefined);
  const root = new Accessor(engine, ready, null, NO_SOURCE);
  return root as unknown as TestConvex<Schema<S>>;
}

async function load(glob: Glob, into: Modules): Promise<void> {
  const files = Object.keys(glob);
  const generated = files.find((file) => file.includes("/_generated/"));
  if (generated === undefined) {
    throw new Error('The modules have no "_generated" folder, which says where the functions begin.');
  }
  const prefix = generated.split("_generated/")[0] ?? "";
  await Promise.all(
    files.map(async (file) => {
      const name = file.slice(prefix.length).replace(/\.[a-z]+$/, "");
      if (!file.startsWith(prefix) || /^_generated\/|\.(test|d)$|\.config$/.test(name)) return;
      into[name] = (await glob[file]?.()) as Record<string, unknown>;
    }),
  );
}

/** One way to call: as an identity, or as nobody. */
class Accessor {
  private readonly engine: LocalEngine;
  private readonly ready: Promise<void>;
  private readonly identity: Identity | null;
  private readonly source: Source;

  constructor(engine: LocalEngine, ready: Promise<void>, identity: Identity | null, source: Source) {
    this.engine = engine;
    this.ready = ready;
    this.identity = identity;
    this.source = source;
  }

  readonly query = (target: Target, args?: Value) => this.call("query", target, args);
  readonly mutation = (target: Target, args?: Value) => this.call("mutation", target, args);
  readonly action = (target: Target, args?: Value) => this.call("action", target, args);
  readonly run = (handler: Handler) => this.call("mutation", handler);

  readonly fetch = async (path: string, init?: RequestInit): Promise<Response> => {
    if (!path.startsWith("/")) throw new Error("The path given to `t.fetch` must start with a `/`");
    await this.ready;
    const request = new Request(`https://some.convex.site${path}`, init);
    const response = await this.engine.httpAction(request, this.identity, this.source);
    return response ?? new Response(`No HttpAction routed for ${path}`, { status: 404 });
  };

  readonly withIdentity = (attributes: Partial<UserIdentity>): Accessor => {
    const subject = attributes.subject ?? `subject-${textHash(JSON.stringify(attributes))}`;
    const issuer = attributes.issuer ?? "https://convex.test";
    const tokenIdentifier = attributes.tokenIdentifier ?? `${issuer}|${subject}`;
    const identity = { ...attributes, subject, issuer, tokenIdentifier } as unknown as Identity;
    return new Accessor(this.engine, this.ready, identity, this.source);
  };

  readonly withRequestMetadata = ({ ip = null, userAgent = null }: Partial<Source>): Accessor =>
    new Accessor(this.engine, this.ready, this.identity, { ...NO_SOURCE, ip, userAgent });

  /** Components cannot run here; a function that calls one is told so. */
  readonly registerComponent = (): void => undefined;

  readonly finishInProgressScheduledFunctions = async (): Promise<void> => {
    await this.ready;
    await this.engine.scheduler.settled();
  };

  readonly finishAllScheduledFunctions = async (
    advanceTimers: () => void,
    maxIterations = 100,
  ): Promise<void> => {
    await this.ready;
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
    await this.ready;
    try {
      const answer =
        typeof target === "function"
          ? await this.engine.inline(kind, registered(kind, target as Handler), this.identity)
          : await this.named(kind, target, args);
      return jsonToConvex(JSON.parse(answer.value));
    } catch (error) {
      throw error instanceof FunctionError ? toThrown(error) : error;
    }
  }

  private named(kind: UdfKind, reference: object, args: Value = {}): Promise<Answer> {
    const address = getFunctionAddress(reference) as { name?: string; functionHandle?: string };
    const path = address.name ?? address.functionHandle?.replace("function://;", "");
    if (path === undefined) throw new Error("Components cannot run: the embedded runtime has none.");
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

function registered(kind: UdfKind, handler: Handler): RegisteredFunction {
  const make = { query: queryGeneric, mutation: mutationGeneric, action: actionGeneric }[kind];
  return make(handler as never) as RegisteredFunction;
}

function toThrown({ failure }: FunctionError): Error {
  const word = WORDS.find(([pattern]) => pattern.test(failure.message));
  const message = `${word?.[1] ?? ""}${failure.message.replace(/^Uncaught Error: /, "")}`;
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
