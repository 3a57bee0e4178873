import process from "node:process";
import { inspect } from "node:util";
import { currentCall, type Call } from "./call.ts";
import { appFrames } from "./trace.ts";

/**
 * The globals that queries and mutations see: time stands still, chance is seeded, and what reaches
 * outside throws, as on Convex. Installed once a process; outside queries and mutations every global
 * does what it always did.
 */
const INSTALLED = Symbol.for("convex-runtime.globals");
const FORBIDDEN = ["fetch", "setTimeout", "setInterval", "setImmediate"] as const;
const LEVELS = { log: "LOG", info: "INFO", warn: "WARN", error: "ERROR", debug: "DEBUG" } as const;
const MAX_LOG_LINES = 256;
const LOG_OVERFLOW = `[ERROR] Log overflow (maximum ${MAX_LOG_LINES}). Remaining log lines omitted.`;
/** What functions replace to be deterministic beyond what the platform asks, such as those of `@convex-dev/workflow`. */
const REPLACEABLE = [
  "Math",
  "Date",
  "console",
  "process",
  "Crypto",
  "crypto",
  "CryptoKey",
  "SubtleCrypto",
] as const;

function deterministicCall(): Call | undefined {
  const call = currentCall();
  return call && (call.kind === "query" || call.kind === "mutation") ? call : undefined;
}

function installDate(): void {
  const RealDate = globalThis.Date;
  const realNow = RealDate.now.bind(RealDate);
  const now = (): number => {
    const call = deterministicCall();
    if (!call) return realNow();
    call.usedTime = true;
    return call.now;
  };
  const proxy: DateConstructor = new Proxy(RealDate, {
    construct(target, args: unknown[], newTarget) {
      const real = newTarget === proxy ? target : newTarget;
      return Reflect.construct(target, args.length === 0 ? [now()] : args, real) as Date;
    },
    apply: (target) => new target(now()).toString(),
    get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
  });
  RealDate.prototype.constructor = proxy;
  globalThis.Date = proxy;
}

function installForbidden(): void {
  for (const name of FORBIDDEN) {
    const real = globalThis[name] as (...args: unknown[]) => unknown;
    const guarded = (...args: unknown[]): unknown => {
      if (deterministicCall()) {
        throw new Error(
          `Can't use ${name}() in queries and mutations. Please consider using an action. See https://docs.convex.dev/functions/actions for more details.`,
        );
      }
      return real.apply(globalThis, args);
    };
    Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(real));
    Object.defineProperty(globalThis, name, { value: guarded, writable: true, configurable: true });
  }
}

/** Keeps a line that a function logged; the last one that fits says that no more are kept. */
export function keepLine(call: Call, line: string): void {
  const { logLines } = call;
  if (logLines.length < MAX_LOG_LINES - 1) logLines.push(line);
  else if (logLines.length === MAX_LOG_LINES - 1) logLines.push(LOG_OVERFLOW);
}

function log(call: Call, level: string, text: string): void {
  keepLine(call, `[${level}] ${text}`);
  process.stderr.write(`${call.path} [${level}] ${text}\n`);
}

const shown = (args: readonly unknown[]): string => args.map((arg) => inspect(arg)).join(" ");

function installConsole(): void {
  for (const [method, level] of Object.entries(LEVELS) as [keyof typeof LEVELS, string][]) {
    const real = console[method].bind(console);
    console[method] = (...args: unknown[]): void => {
      const call = currentCall();
      if (call) log(call, level, shown(args));
      else real(...args);
    };
  }
  const trace = console.trace.bind(console);
  console.trace = (...args: unknown[]): void => {
    const call = currentCall();
    if (!call) return trace(...args);
    log(call, "LOG", [shown(args), appFrames(new Error("trace"))].filter((text) => text !== "").join("\n"));
  };
  installTimers();
}

/** Timers of `console.time` belong to the function that starts them. They show real time, which it cannot read. */
function installTimers(): void {
  const { time, timeLog, timeEnd } = console;
  const begun = new WeakMap<Call, Map<string, number>>();
  const timersOf = (call: Call): Map<string, number> => {
    const timers = begun.get(call) ?? new Map<string, number>();
    begun.set(call, timers);
    return timers;
  };
  const tell = (call: Call, label: string, data: readonly unknown[]): void => {
    const startedMs = timersOf(call).get(label);
    if (startedMs === undefined) return log(call, "WARN", `Timer '${label}' does not exist`);
    const text = `${label}: ${Math.round(performance.now() - startedMs)}ms`;
    log(call, "INFO", data.length > 0 ? `${text} ${shown(data)}` : text);
  };
  console.time = (label = "default"): void => {
    const call = currentCall();
    if (!call) return time.call(console, label);
    const timers = timersOf(call);
    if (timers.has(label)) return log(call, "WARN", `Timer '${label}' already exists`);
    timers.set(label, performance.now());
  };
  console.timeLog = (label = "default", ...data: unknown[]): void => {
    const call = currentCall();
    if (call) tell(call, label, data);
    else timeLog.call(console, label, ...data);
  };
  console.timeEnd = (label = "default"): void => {
    const call = currentCall();
    if (!call) return timeEnd.call(console, label);
    tell(call, label, []);
    timersOf(call).delete(label);
  };
}

/** How many functions run that have replaced a global. */
let replacing = 0;

/**
 * Has a function that assigns to a global change it for itself alone: on Convex each runs in an isolate of its own, here
 * they share a thread with each other and with the engine.
 */
function installReplaceable(): void {
  for (const key of REPLACEABLE) {
    let real: unknown = globalThis[key];
    Object.defineProperty(globalThis, key, {
      configurable: true,
      enumerable: false,
      get(): unknown {
        if (replacing === 0) return real;
        const own = currentCall()?.globals;
        return own?.has(key) ? own.get(key) : real;
      },
      set(value: unknown) {
        const call = currentCall();
        if (!call) {
          real = value;
          return;
        }
        // What was given up, or not awaited, has nobody left to change anything for.
        if (call.finished) return;
        if (!call.globals) {
          call.globals = new Map();
          replacing += 1;
        }
        call.globals.set(key, value);
      },
    });
  }
}

/** Gives up what a function that has ended had replaced. */
export function forgetGlobals(call: Call): void {
  if (!call.globals) return;
  call.globals = null;
  replacing -= 1;
  // All dates share one prototype, whose constructor a replaced Date may have changed.
  Reflect.set(Date.prototype, "constructor", Date);
}

export function installGlobals(): void {
  const marks = globalThis as unknown as Record<symbol, boolean>;
  if (marks[INSTALLED]) return;
  marks[INSTALLED] = true;
  installDate();
  installForbidden();
  installConsole();
  const realRandom = Math.random.bind(Math);
  Math.random = () => deterministicCall()?.random() ?? realRandom();
  installReplaceable();
}

/** A small generator (mulberry32) for `Math.random` inside one query or mutation. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
