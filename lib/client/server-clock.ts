/**
 * The server's clock in the browser. What waits for a person ends by the server's, and that of a person's machine may be
 * minutes away from it. Each response says when it was sent, to the second: together they bound how far the two are apart.
 */

/** How far the server's clock is ahead, milliseconds: between these. */
let ahead = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };

const isPossible = ({ least, most }: typeof ahead) => least <= most;

/**
 * Learns from a response.
 * @param sentAt when its request was sent, by this browser's clock, epoch milliseconds
 */
export function noteServerTime({ headers }: Pick<Response, "headers">, sentAt: number): void {
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) return;
  // It was written after the request was sent and before it is here, and leaves out the milliseconds.
  const seen = { least: date - Date.now(), most: date + 999 - sentAt };
  const both = { least: Math.max(ahead.least, seen.least), most: Math.min(ahead.most, seen.most) };
  // One of the two clocks was set meanwhile: what was known of them is over.
  ahead = isPossible(both) ? both : isPossible(seen) ? seen : ahead;
}

/** Forgets what was learnt. For tests. */
export function forgetServerTime(): void {
  ahead = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
}

/** The time by the server's clock, epoch milliseconds; by this browser's where the two may well agree. */
export function serverNow(): number {
  const { least, most } = ahead;
  const offset = least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2);
  return Date.now() + offset;
}
