import { api } from "../../../convex/_generated/api.js";
import type { Id } from "../../../convex/_generated/dataModel.js";
import { serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";

/** A connection that is broken for longer is shown. */
const SHOWN_AFTER_MS = 2_000;

/** Keeps since when a sandbox cannot be reached, and has its session show that: once for each change. */
export class Reach {
  readonly #sessionId: Id<"sandboxSessions">;
  readonly #generation: number;
  #brokenSince: number | null = null;
  #shown = false;

  constructor(sessionId: Id<"sandboxSessions">, generation: number) {
    this.#sessionId = sessionId;
    this.#generation = generation;
  }

  /** It can be reached. */
  opened(): void {
    this.#brokenSince = null;
    this.#show(false);
  }

  /** It cannot be: answers for how many milliseconds. */
  broken(): number {
    this.#brokenSince ??= performance.now();
    const forMs = performance.now() - this.#brokenSince;
    if (forMs > SHOWN_AFTER_MS) this.#show(true);
    return forMs;
  }

  #show(broken: boolean): void {
    if (this.#shown === broken) return;
    this.#shown = broken;
    const sessionId = this.#sessionId;
    serviceData()
      .mutation(api.sessionAgent.reach, { sessionId, generation: this.#generation, broken })
      .catch((error: unknown) =>
        log("info", "a broken connection was not noted", { sessionId, error: messageOf(error) }),
      );
  }
}
