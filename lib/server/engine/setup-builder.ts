import type { Id } from "#convex/_generated/dataModel.js";
import { log, messageOf } from "../log.ts";
import { buildSnapshot } from "../sandbox-start/setup-build.ts";

/** Builds of one server at the same time: an install takes a processor and much of a disk. */
const AT_ONCE = 2;

/** Builds set-up snapshots in the background: one takes minutes, and must hold no sweep up. */
export class SetupBuilder {
  readonly #signal: AbortSignal;
  readonly #working = new Map<Id<"setupScripts">, Promise<void>>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Begins a build, unless this server has enough of them: then the next sweep finds it again. */
  start(scriptId: Id<"setupScripts">): void {
    if (this.#signal.aborted || this.#working.has(scriptId) || this.#working.size >= AT_ONCE) return;
    const work = buildSnapshot(scriptId, this.#signal)
      .catch((error: unknown) =>
        log("warn", "a set-up snapshot could not be built", { scriptId, error: messageOf(error) }),
      )
      .finally(() => this.#working.delete(scriptId));
    this.#working.set(scriptId, work);
  }

  /** Settles once none is at work. */
  async ended(): Promise<void> {
    await Promise.all(this.#working.values());
  }
}
