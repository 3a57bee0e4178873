/** How the end of a run is told to a webhook: see `POST /api/v1/runs`. */
export const WEBHOOK_STATES = ["waiting", "due", "delivered", "failed"] as const;

/** How long after each attempt that failed the next one follows; after the last of them it is given up. */
export const WEBHOOK_RETRIES_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000, 18_000_000] as const;
/** How long a server has for one attempt, until another may make it again. */
export const WEBHOOK_CLAIM_MS = 60_000;
/** From the first byte sent until the status has come. */
export const WEBHOOK_TIMEOUT_MS = 15_000;

/**
 * When an attempt that failed is followed by another; null where it is given up.
 * @param attempts how many there were; `status`: 410 says that nobody is there any more
 */
export function nextAttemptAt(attempts: number, status: number | null, now: number): number | null {
  const pause = WEBHOOK_RETRIES_MS[attempts - 1];
  return status === 410 || pause === undefined ? null : now + pause;
}
