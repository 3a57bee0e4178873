import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { EventEnvelope } from "#domain/events.ts";
import { serviceData } from "../convex/client.ts";
import { follow } from "../convex/live.ts";
import { persistently } from "../convex/retry.ts";
import { transportKindOf } from "#net/transport.ts";
import { log, messageOf } from "../log.ts";
import { singleton } from "../singleton.ts";
import { toEnvelope } from "./envelope.ts";

interface Listener {
  events: (events: readonly EventEnvelope[]) => void;
  /** The log could not be read for long, and this listener is told nothing more. */
  lost: () => void;
}
const PAGE = 500;
/** A log that cannot be read for longer ends the streams of those who listen: they come back, to another server perhaps. */
const PATIENCE_MS = 30_000;

/** A page of a session's log from behind `after`, in order. */
export async function readLog(sessionId: Id<"sandboxSessions">, after: number): Promise<EventEnvelope[]> {
  const { events } = await serviceData().query(api.events.tail, { sessionId, after, limit: PAGE });
  return events.map(toEnvelope);
}

/** Follows one session's log for all who listen to it in this process: each new page is read once. */
class Tail {
  readonly #sessionId: Id<"sandboxSessions">;
  readonly #listeners = new Set<Listener>();
  readonly #abort = new AbortController();
  readonly #unfollow: () => void;
  #head = 0;
  #seen: number | null = null;
  #reading = false;

  constructor(sessionId: Id<"sandboxSessions">) {
    this.#sessionId = sessionId;
    this.#unfollow = follow(api.events.head, { sessionId }, ({ seq }) => {
      this.#head = seq;
      this.#seen ??= seq;
      void this.#read();
    });
  }

  add(listener: Listener): void {
    this.#listeners.add(listener);
  }

  /** @returns true where nobody listens any longer */
  remove(listener: Listener): boolean {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return false;
    this.#end();
    return true;
  }

  #end(): void {
    this.#unfollow();
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#seen !== null && this.#seen < this.#head && this.#listeners.size > 0) {
        const after = this.#seen;
        const events = await persistently(
          "a session's log",
          PATIENCE_MS,
          async () => await readLog(this.#sessionId, after),
          this.#abort.signal,
        );
        this.#seen = events.at(-1)?.seq ?? this.#head;
        for (const listener of this.#listeners) listener.events(events);
      }
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const { size: listeners } = this.#listeners;
      log("error", "a session's log could not be read, and its streams are ended", {
        cause: transportKindOf(error) ?? "failed",
        sessionId: this.#sessionId,
        listeners,
        error: messageOf(error),
      });
      for (const listener of this.#listeners) listener.lost();
    } finally {
      this.#reading = false;
    }
  }
}

/**
 * Tells of each new event of a session, in order, possibly with some that the listener has already; and that it is lost
 * where the log could not be read for half a minute.
 * @returns a function that ends it
 */
export function listen(sessionId: Id<"sandboxSessions">, listener: Listener): () => void {
  const tails = singleton("tails", () => new Map<string, Tail>());
  let tail = tails.get(sessionId);
  if (!tail) tails.set(sessionId, (tail = new Tail(sessionId)));
  tail.add(listener);
  return () => {
    if (tail.remove(listener) && tails.get(sessionId) === tail) tails.delete(sessionId);
  };
}
