/** The runtime's only source of time, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  timer(callback: () => void, delayMs: number): () => void;
  /** Resolves once what is waiting has had its turn; `nextTurn` if left out. */
  turn?(): Promise<void>;
}

// Taken before functions get their frozen `Date` and forbidden timers.
const realNow = Date.now.bind(Date);
const realSetTimeout = globalThis.setTimeout;
const realClearTimeout = globalThis.clearTimeout;
const realSetImmediate = globalThis.setImmediate;
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: realNow,
  timer(callback, delayMs) {
    const handle = realSetTimeout(callback, Math.min(Math.max(delayMs, 0), MAX_DELAY_MS));
    handle.unref();
    return () => realClearTimeout(handle);
  },
};

/** Resolves after the microtasks and the input that are waiting now. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    realSetImmediate(resolve);
  });
}
