import { createHash } from "node:crypto";

/**
 * Remembers which of a script's failures have been met, since a failed call leaves no trace in the
 * conversation. An entry ends with the call that goes through, after ten minutes, or when 1,000 newer ones
 * came; so the same script fails again in its next run.
 */
export class FailureMemory {
  readonly #entries = new Map<string, { answered: number; at: number }>();
  readonly #capacity: number;
  readonly #lifetimeMs: number;

  constructor(capacity = 1000, lifetimeMs = 600_000) {
    this.#capacity = capacity;
    this.#lifetimeMs = lifetimeMs;
  }

  /** What the call meets now, or undefined when the reply itself is due. `nowMs` is any steady clock. */
  next<T>(parts: string[], failures: readonly T[], nowMs: number): T | undefined {
    if (failures.length === 0) return undefined;
    const key = createHash("sha256").update(JSON.stringify(parts)).digest("base64");
    const entry = this.#entries.get(key);
    const answered = entry && nowMs - entry.at < this.#lifetimeMs ? entry.answered : 0;
    this.#entries.delete(key);
    if (answered >= failures.length) return undefined;
    this.#entries.set(key, { answered: answered + 1, at: nowMs });
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > this.#capacity && !oldest.done) this.#entries.delete(oldest.value);
    return failures[answered];
  }
}
