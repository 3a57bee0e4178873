import { log, messageOf } from "../log.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** What a connection, Convex's own front, or a proxy before it says when nobody is there to answer. */
const NOBODY_THERE =
  /ECONN|TimeoutError|aborted due to timeout|ENOTFOUND|EAI_AGAIN|EPIPE|UND_ERR|fetch failed|socket hang up|terminated|"code":"(?:ServiceUnavailable|InternalServerError|\w*Overloaded|ExpiredInQueue)"|Bad Gateway|Service Unavailable|Gateway Time-?out/i;

/** True where the call got no answer from a function, so that nobody knows whether it was carried out. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  const cause = error instanceof Error ? error.cause : undefined;
  return NOBODY_THERE.test(`${messageOf(error)} ${cause === undefined ? "" : messageOf(cause)}`);
}

/**
 * Repeats a call while Convex cannot be reached, at most `timeoutMs`. The call must be idempotent:
 * the one before may have been carried out though its answer was lost.
 * @throws what the last try threw, at once where it is a refusal
 */
export async function persistently<T>(what: string, timeoutMs: number, call: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!isUnreachable(error) || performance.now() > deadline) throw error;
      log("warn", "the database cannot be reached; trying again", { what, waitMs: wait });
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
