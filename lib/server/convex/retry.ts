import { retry } from "#net/retry.ts";
import { transportKindOf } from "#net/transport.ts";
import { log } from "../log.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * True where a call got no answer from the service that was asked, so that nobody knows whether it was carried out.
 * A bug is none, whatever it says.
 */
export const isUnreachable = (error: unknown): boolean => transportKindOf(error) !== undefined;

/**
 * Repeats a call while Convex cannot be reached, at most `timeoutMs`. The call must be idempotent:
 * the one before may have been carried out though its answer was lost.
 * @param what is called, for the log
 * @param signal ends the trying
 * @throws what the last try threw, at once where it is a refusal or a bug
 */
export async function persistently<T>(
  what: string,
  timeoutMs: number,
  call: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return await retry(call, {
    timeoutMs,
    ...(signal && { signal }),
    pauseMs: FIRST_PAUSE_MS,
    longestPauseMs: LONGEST_PAUSE_MS,
    isPassing: isUnreachable,
    onRetry: (_, waitMs) => log("warn", "the database cannot be reached; trying again", { what, waitMs }),
  });
}
