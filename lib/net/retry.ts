import { setTimeout } from "node:timers/promises";
import pRetry from "p-retry";
import { transportKindOf } from "./transport.ts";

/** What was waited for did not come in time. */
export class TimedOut extends Error {
  /** What was waited for. */
  readonly what: string;

  constructor(what: string, timeoutMs: number) {
    super(`${what} did not come within ${timeoutMs} ms`);
    this.name = "TimedOut";
    this.what = what;
  }
}

export interface RetryOptions {
  /** Tries end once so much time has passed since the first. */
  timeoutMs: number;
  /** The pause after the first try, in milliseconds; each one after it is twice as long, up to `longestPauseMs`. */
  pauseMs: number;
  /** By default `pauseMs`: all pauses are equal. */
  longestPauseMs?: number;
  /** How many tries there are at most; by default only time limits them. */
  tries?: number;
  /** Ends the trying, not a try: the last error is thrown then. */
  signal?: AbortSignal;
  /** Whether another try may bring something else. What it returns false for is thrown at once. */
  isPassing: (error: unknown) => boolean | Promise<boolean>;
  /** Called before each pause. */
  onRetry?: (error: unknown, pauseMs: number) => void;
}

const FAILED = new Error("a try failed");

/** Whether an error says that the program is wrong. `fetch` throws a TypeError for a broken connection, too. */
const isBug = (error: unknown): boolean =>
  (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) &&
  transportKindOf(error) === undefined;

/**
 * Calls until it succeeds. The call must be idempotent: the one before may have been carried out though its answer
 * was lost. A bug is thrown at once, whatever `isPassing` says.
 * @throws what the last try threw
 */
export async function retry<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { timeoutMs, pauseMs, longestPauseMs = pauseMs, tries = Number.POSITIVE_INFINITY, signal } = options;
  // The library throws a signal's reason in place of the error, and no result that came after it: it gets one that ends
  // pauses alone.
  const pause = new AbortController();
  const abort = () => pause.abort();
  let last: unknown;
  const once = async () => {
    signal?.removeEventListener("abort", abort);
    try {
      return await call();
    } catch (error) {
      last = error;
      // It tells errors by their texts; this one it leaves to `shouldRetry`.
      throw FAILED;
    }
  };
  try {
    return await pRetry(once, {
      retries: tries - 1,
      maxRetryTime: timeoutMs,
      minTimeout: pauseMs,
      maxTimeout: longestPauseMs,
      factor: 2,
      signal: pause.signal,
      shouldRetry: async ({ retryDelay }) => {
        if (signal?.aborted || isBug(last) || !(await options.isPassing(last))) return false;
        options.onRetry?.(last, retryDelay);
        signal?.addEventListener("abort", abort, { once: true });
        return true;
      },
    });
  } catch (error) {
    throw error === FAILED || pause.signal.aborted ? last : error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

export interface UntilOptions {
  timeoutMs: number;
  /** How long to wait between two looks, in milliseconds. */
  everyMs: number;
  signal?: AbortSignal;
}

/**
 * Looks again and again until it is there.
 * @param what is waited for, for the error
 * @param look returns undefined or false while it is not there
 * @returns what `look` found
 * @throws TimedOut where it is not there in time
 * @throws the signal's reason where that ends the wait
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs, everyMs, signal }: UntilOptions,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new TimedOut(what, timeoutMs);
    await pauseFor(everyMs, signal);
  }
}

/** Waits. @throws the signal's reason where that ends the wait */
export async function pauseFor(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal && { signal });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
