import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { EventEnvelope } from "#domain/events.ts";
import { serviceData } from "../convex/client.ts";
import { follow } from "../convex/live.ts";
import { log, messageOf } from "../log.ts";
import { singleton } from "../singleton.ts";
import { toEnvelope } from "./envelope.ts";

type Listener = (events: readonly EventEnvelope[]) => void;
const PAGE = 500;
const RETRY_MS = 500;

/** A page of a session's log from behind `after`, in order. */
export async function readLog(sessionId: Id<"sandboxSessions">, after: number): Promise<EventEnvelope[]> {
  const { events } = await serviceData().query(api.events.tail, { sessionId, after, limit: PAGE });
  return events.map(toEnvelope);
}

/** Follows one session's log for all who listen to it in this process: each new page is read once. */
class Tail {
  readonly #sessionId: Id<"sandboxSessions">;
  readonly #listeners = new Set<Listener>();
  readonly #end: () => void;
  #head = 0;
  #seen: number | null = null;
  #reading = false;

  constructor(sessionId: Id<"sandboxSessions">) {
    this.#sessionId = sessionId;
    this.#end = follow(api.events.head, { sessionId }, ({ seq }) => {
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

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#seen !== null && this.#seen < this.#head && this.#listeners.size > 0) {
        const events = await readLog(this.#sessionId, this.#seen);
        this.#seen = events.at(-1)?.seq ?? this.#head;
        for (const listener of this.#listeners) listener(events);
      }
    } catch (error) {
      log("warn", "a log could not be read; trying again", { error: messageOf(error) });
      setTimeout(() => void this.#read(), RETRY_MS).unref();
    } finally {
      this.#reading = false;
    }
  }
}

/**
 * Tells of each new event of a session, in order, possibly with some that the listener has already.
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
