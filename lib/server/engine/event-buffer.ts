import type { FunctionArgs } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { Masker } from "#domain/mask.ts";
import { coalesce } from "../agent/coalesce.ts";
import type { AgentEvent } from "../agent/translation.ts";
import type { HeldBack } from "../agent/resume.ts";
import { toStored } from "../agent/stored-event.ts";
import { type Data, serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import type { Lease } from "./lease.ts";

export type RunEnd = NonNullable<FunctionArgs<typeof api.events.append>["runEnd"]>;
type Pending = AgentEvent & { runId?: Id<"runs"> };

/** At most one write of text in this time, for each session. */
const FLUSH_MS = 100;
/** How long the database may be out of reach before the session is given up. */
const PATIENCE_MS = 120_000;
const TEXT = new Set(["llm.response.chunk", "llm.thinking.chunk", "tool.output.chunk"]);

/**
 * Gathers events and stores them in order, together with the cursor in the agent's stream.
 * Text waits for more of it, at most `FLUSH_MS`; everything else goes at once.
 */
export class EventBuffer {
  readonly #lease: Lease;
  readonly #masker: Masker;
  readonly #onViolation: () => void;
  readonly #data: Data;
  #pending: Pending[] = [];
  #cursor: number | undefined;
  #held: HeldBack | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** By the monotonic clock: the machine's may jump. */
  #lastFlush = 0;
  #batches = 0;
  #writing: Promise<void> = Promise.resolve();
  #fault: unknown;
  #violated = false;

  /**
   * @param masker knows the secrets that are in the sandbox, and must be in no event
   * @param onViolation is called where an event shows that the agent acted without its decision
   */
  constructor(lease: Lease, masker: Masker, onViolation: () => void, data: Data = serviceData()) {
    this.#lease = lease;
    this.#masker = masker;
    this.#onViolation = onViolation;
    this.#data = data;
  }

  /** True where a write has failed for good. */
  get broken(): boolean {
    return this.#fault !== undefined;
  }

  /**
   * Takes events up to `cursor`, or ones that are not of the agent's stream.
   * @param held what is held back there
   * @throws what an earlier write threw: the log must have no hole
   */
  add(events: Pending[], cursor?: number, held?: HeldBack): void {
    if (this.#fault !== undefined) throw this.#fault;
    if (cursor !== undefined) {
      this.#cursor = cursor;
      this.#held = held;
    }
    if (events.length === 0) return;
    this.#pending.push(...events);
    const wait = events.every((event) => TEXT.has(event.type))
      ? this.#lastFlush + FLUSH_MS - performance.now()
      : 0;
    if (wait <= 0) void this.flush().catch(() => undefined);
    else this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), wait);
  }

  /** Stores everything that waits, and ends a run with it where asked. @throws what the write threw */
  async flush(runEnd?: RunEnd): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastFlush = performance.now();
    const events = coalesce(this.#pending);
    const cursor = this.#cursor;
    const held = this.#held;
    this.#pending = [];
    this.#cursor = undefined;
    if (events.length > 0 || runEnd || cursor !== undefined)
      this.#writing = this.#writing.then(async () => {
        if (this.#fault !== undefined) return;
        const batch = ++this.#batches;
        const args = {
          ...this.#lease,
          batch,
          events: events.map((event) => toStored(event, this.#masker)),
          ...(cursor !== undefined && { cursor, ...(held && { held }) }),
          ...(runEnd && { runEnd: { ...runEnd, ending: this.#masker.maskValue(runEnd.ending) } }),
        };
        const { violated } = await persistently(
          "events",
          PATIENCE_MS,
          async () => await this.#data.mutation(api.events.append, args),
        );
        if (violated && !this.#violated) {
          this.#violated = true;
          this.#onViolation();
        }
      });
    try {
      await this.#writing;
    } catch (error) {
      this.#fault ??= error;
      throw error;
    }
  }
}
