import type { Duplex } from "node:stream";

/** When one end is gone, the other gets what was still on its way to it, and then goes too. */
function closeAfter(gone: Duplex, other: Duplex): void {
  if (!gone.readableEnded || other.writableFinished) return void other.destroy();
  other.once("finish", () => other.destroy());
}

/** Joins two byte streams in both directions until both are closed. An error on either closes both. */
export function join(a: Duplex, b: Duplex): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => closeAfter(one, other));
    one.pipe(other);
  }
}
