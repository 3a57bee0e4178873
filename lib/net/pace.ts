import { setTimeout } from "node:timers/promises";

/** Below this a wait is not worth a timer. */
const LEAST_WAIT_MS = 5;

/** Slows a stream down to what its kind needs, so that one that comes without an end leaves others their time. */
export class Pace {
  readonly #bytesPerSecond: number;
  #startedAt = performance.now();
  #bytes: number;

  /** @param burstBytes that may come at once, in front of the steady flow */
  constructor(options: { bytesPerSecond: number; burstBytes: number }) {
    this.#bytesPerSecond = options.bytesPerSecond;
    this.#bytes = -options.burstBytes;
  }

  /** Waits until so many bytes more are due. */
  async take(bytes: number): Promise<void> {
    this.#bytes += bytes;
    const waitMs = (this.#bytes / this.#bytesPerSecond) * 1_000 - (performance.now() - this.#startedAt);
    if (waitMs > LEAST_WAIT_MS) await setTimeout(waitMs);
  }
}
