import type { Id } from "#convex/_generated/dataModel.js";
import type { CheckpointCause } from "#domain/checkpoints.ts";
import { DEADLINES } from "#domain/lifecycle.ts";
import { saveSession, type SaveResult } from "../checkpoints/save.ts";
import { log, messageOf } from "../log.ts";

type SessionId = Id<"sandboxSessions">;

/** How many sessions one process saves at a time. */
const AT_ONCE = 4;

/** Saves sessions in the background, one checkpoint of each at a time: no turn waits for it. */
export class Saver {
  readonly #save: typeof saveSession;
  readonly #onDone: () => void;
  readonly #working = new Map<SessionId, Promise<void>>();
  /** What became of the saves before an idle stop, by the deadline that they were made for. */
  readonly #beforeStop = new Map<SessionId, { deadlineAt: number; result: SaveResult }>();

  /** @param onDone is called where something waited for a save */
  constructor(onDone: () => void, save: typeof saveSession = saveSession) {
    this.#onDone = onDone;
    this.#save = save;
  }

  /** Begins a save, unless one is at work, or too many are; the sweep begins those later. */
  start(sessionId: SessionId, cause: CheckpointCause): void {
    if (this.#working.has(sessionId) || this.#working.size >= AT_ONCE) return;
    this.#begin(sessionId, async () => void (await this.#save(sessionId, cause)));
  }

  #begin(sessionId: SessionId, work: () => Promise<void>): void {
    const done = work()
      .catch((error: unknown) => log("warn", "a save did not end", { sessionId, error: messageOf(error) }))
      .finally(() => this.#working.delete(sessionId));
    this.#working.set(sessionId, done);
  }

  /**
   * Whether a session that is idle, or to be parked, may be stopped now: once its work is saved, or could not be for as long as its sandbox is
   * kept. Begins to save it where that is not so.
   */
  mayStop(
    sessionId: SessionId,
    { deadlineAt, cause }: { deadlineAt: number; cause: "idle" | "stop" },
    now: number,
  ): boolean {
    const known = this.#beforeStop.get(sessionId);
    if (known?.deadlineAt === deadlineAt) {
      const isSaved = known.result !== "failed" && known.result !== "busy";
      this.#beforeStop.delete(sessionId);
      if (isSaved || now > deadlineAt + DEADLINES.sandboxGraceMs) return true;
    }
    if (!this.#working.has(sessionId))
      this.#begin(sessionId, async () => {
        const result = await this.#save(sessionId, cause);
        this.#beforeStop.set(sessionId, { deadlineAt, result });
        if (result !== "failed" && result !== "busy") this.#onDone();
      });
    return false;
  }

  /** Resolves once nothing is being saved here. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#working.values());
  }
}
