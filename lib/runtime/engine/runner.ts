import process from "node:process";
import {
  NO_SOURCE,
  lend,
  runInCall,
  type Call,
  type FunctionKind,
  type Identity,
  type Source,
  type SyscallHost,
} from "./call.ts";
import { systemClock, type Clock } from "./clock.ts";
import { APP } from "./component-path.ts";
import { FunctionError, newRequestId, PlatformError, toFailure, type Failure } from "./errors.ts";
import { INLINE_PATH, type RegisteredFunction, type ResolvedFunction } from "./functions.ts";
import { forgetGlobals, seededRandom } from "./globals.ts";
import { decodeText, isPlainObject } from "./json.ts";
import { OwnTime, timedOut } from "./own-time.ts";
import { shapeProblem } from "./shape.ts";
import { describe } from "./trace.ts";
import { mismatch, type TableNumbers } from "./validate.ts";
import type { Transaction } from "./transaction.ts";

/** Not a function's own, which it may have replaced. */
const realRandom = Math.random.bind(Math);
const MAX_ARGUMENT_BYTES = 8 * 1024 * 1024;
/** A query or mutation holds up everyone else, so one whose promise never settles is given up. */
const MAX_WAIT_MS = 10_000;

export interface CallOptions {
  kind: FunctionKind;
  /** Full, as {@link ResolvedFunction} has it. */
  path: string;
  /** By its path; the app itself if left out. */
  component?: string;
  identity: Identity | null;
  transaction: Transaction | null;
  source?: Source | undefined;
  /** Of the request that this call is a part of. */
  requestId?: string;
  journal?: string | null;
}
export type Outcome = { ok: true; value: string } | { ok: false; failure: Failure };

/** Whether a function with these arguments is refused for now. */
export type Condemned = (path: string, argsText: string) => boolean;
export interface RunnerOptions {
  maxWaitMs?: number;
  condemned?: Condemned;
  /** Told of each query and mutation that begins, and null when it has ended, nested ones aside. */
  onTransaction?: (call: Call | null, argsText: string) => void;
  /** Told of each function that has ended, nested queries and mutations aside, and how long it took. */
  onEnded?: ((call: Call, tookMs: number, failure: Failure | null) => void) | undefined;
}

interface Waiting {
  untilMs: number;
  giveUp: () => void;
}

/** Runs functions of the app: checks what goes in and out, and gives them their context. */
export class Runner {
  private readonly tables: (component: string) => TableNumbers;
  private readonly clock: Clock;
  private readonly maxWaitMs: number;
  /** How many queries and mutations are being run, each inside the one before. */
  private depth = 0;
  private readonly waiting = new Set<Waiting>();
  private watching = false;
  /** Set once, by the engine: syscalls need the runner for nested calls. */
  readonly hosts: { data: SyscallHost | null; action: SyscallHost | null } = { data: null, action: null };
  private readonly condemned: Condemned | undefined;
  private readonly onTransaction: ((call: Call | null, argsText: string) => void) | undefined;
  private readonly onEnded: RunnerOptions["onEnded"];

  /** @param tables the tables that a component knows */
  constructor(tables: (component: string) => TableNumbers, clock: Clock, options: RunnerOptions = {}) {
    this.tables = tables;
    this.clock = clock;
    this.maxWaitMs = options.maxWaitMs ?? MAX_WAIT_MS;
    this.condemned = options.condemned;
    this.onTransaction = options.onTransaction;
    this.onEnded = options.onEnded;
  }

  newCall(options: CallOptions): Call {
    const isAction = options.kind === "action" || options.kind === "httpAction";
    const host = isAction ? this.hosts.action : this.hosts.data;
    if (!host) throw new Error(`the runner has no syscalls for a ${options.kind}`);
    return {
      host,
      kind: options.kind,
      path: options.path,
      component: options.component ?? APP,
      requestId: options.requestId ?? newRequestId(),
      identity: options.identity,
      source: options.source ?? NO_SOURCE,
      transaction: options.transaction,
      now: options.transaction?.now ?? this.clock.now(),
      random: seededRandom(Math.floor(realRandom() * 2 ** 32)),
      ownTime: isAction ? null : new OwnTime(),
      streams: new Map(),
      asking: null,
      logLines: [],
      globals: null,
      journal: options.journal ?? null,
      nextJournal: null,
      paginated: false,
      usedIdentity: false,
      usedTime: false,
      finished: false,
      nested: null,
    };
  }

  /** Runs a query, mutation or action. `argsText` is one JSON object of Convex JSON. Never rejects. */
  async run(call: Call, target: ResolvedFunction, argsText: string): Promise<Outcome> {
    const isOutermost = call.transaction !== null && this.depth++ === 0;
    const isNested = call.transaction !== null && !isOutermost;
    const beganMs = this.onEnded && !isNested ? performance.now() : 0;
    let failure: Failure | null = null;
    if (isOutermost) this.onTransaction?.(call, argsText);
    const takeBack = target.path === INLINE_PATH ? lend(call) : undefined;
    try {
      if (this.condemned?.(target.path, argsText)) throw timedOut();
      this.checkArguments(target, argsText);
      const value = await this.invoke(call, target.fn, argsText);
      call.ownTime?.end();
      this.checkReturned(target, value);
      return { ok: true, value };
    } catch (error) {
      failure = toFailure(error, call.requestId);
      report(call, failure, error);
      return {
        ok: false,
        failure: call.logLines.length > 0 ? { ...failure, logLines: call.logLines } : failure,
      };
    } finally {
      call.finished = true;
      forgetGlobals(call);
      takeBack?.();
      if (call.transaction) this.depth--;
      if (isOutermost) this.onTransaction?.(null, "");
      if (!isNested) this.onEnded?.(call, performance.now() - beganMs, failure);
    }
  }

  /** Runs an HTTP action, whose body may still use the context. Rejects with `FunctionError`. */
  async runHttp(call: Call, fn: RegisteredFunction, request: Request): Promise<Response> {
    const beganMs = performance.now();
    let failure: Failure | null = null;
    try {
      const response = await runInCall(call, () => fn.invokeHttpAction?.(request));
      if (!(response instanceof Response)) {
        throw new PlatformError("An HTTP action must return a Response.");
      }
      return response;
    } catch (error) {
      failure = toFailure(error, call.requestId);
      report(call, failure, error);
      throw new FunctionError(failure);
    } finally {
      forgetGlobals(call);
      this.onEnded?.(call, performance.now() - beganMs, failure);
    }
  }

  private invoke(call: Call, fn: RegisteredFunction, argsText: string): Promise<string> {
    const list = `[${argsText}]`;
    const result = runInCall(call, () => {
      if (call.kind === "query") return fn.invokeQuery?.(list);
      if (call.kind === "mutation") return fn.invokeMutation?.(list);
      return fn.invokeAction?.(call.requestId, list);
    });
    if (!result) throw new Error(`${call.path} cannot be called as ${call.kind}.`);
    return call.kind === "action" ? result : this.withDeadline(result, call);
  }

  private withDeadline(result: Promise<string>, call: Call): Promise<string> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        untilMs: performance.now() + this.maxWaitMs,
        giveUp: () => {
          call.finished = true;
          const text = `Function execution timed out: ${call.path} did not finish in ${this.maxWaitMs} ms.`;
          reject(new PlatformError(text));
        },
      };
      this.waiting.add(waiting);
      this.watch();
      const end = (): void => void this.waiting.delete(waiting);
      result.then(
        (value) => {
          end();
          resolve(value);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
  }

  /** One timer for all that wait: most are done long before it comes. */
  private watch(): void {
    if (this.watching || this.waiting.size === 0) return;
    this.watching = true;
    systemClock.timer(() => {
      this.watching = false;
      const now = performance.now();
      for (const { untilMs, giveUp } of this.waiting) if (untilMs <= now) giveUp();
      this.watch();
    }, this.maxWaitMs / 4);
  }

  private checkArguments(target: ResolvedFunction, argsText: string): void {
    if (argsText.length > MAX_ARGUMENT_BYTES) {
      throw new PlatformError(
        `Arguments for ${target.path} are too large (actual: ${argsText.length} bytes, limit: ${MAX_ARGUMENT_BYTES} bytes).`,
      );
    }
    const args = decodeText(argsText);
    if (!isPlainObject(args)) {
      throw new PlatformError(`ArgumentValidationError: The arguments of ${target.path} must be one object.`);
    }
    const problem = shapeProblem(args) ?? mismatch(target.args, args, this.tables(target.component));
    if (problem) throw new PlatformError(`ArgumentValidationError: ${problem}`);
  }

  private checkReturned(target: ResolvedFunction, value: string): void {
    if (!target.returns) return;
    const problem = mismatch(target.returns, decodeText(value), this.tables(target.component));
    if (problem) throw new PlatformError(`ReturnsValidationError: ${problem}`);
  }
}

/** Errors go to the log with their stack; those on purpose, and refused values, as one line without them. */
function report(call: Call, failure: Failure, error: unknown): void {
  const stack = failure.data === undefined && error instanceof Error && !(error instanceof PlatformError);
  const text = stack ? describe(error) : (failure.message.split("\n")[0] ?? "");
  process.stderr.write(`${call.path} [FAILED] [Request ID: ${failure.requestId}] ${text}\n`);
}

/** A result for the function that called: a failure is a plain Error, or one with a ConvexError's data. */
export function unwrap(outcome: Outcome): string {
  if (outcome.ok) return outcome.value;
  const { message, data } = outcome.failure;
  const error = new Error(message);
  throw data === undefined ? error : Object.assign(error, { data });
}
