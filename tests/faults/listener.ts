import type { EventEnvelope } from "#domain/events.ts";
import { eventsOf } from "#net/event-stream.ts";

const MAX_EVENT_CHARACTERS = 4_000_000;
const RETRY_MS = 200;
/** The server sends a heartbeat every 15 s: a stream without anything for so long is not connected any more. */
const SILENT_MS = 25_000;

/** Listens to a session's stream as a page does: it comes back where it was, whatever breaks it off. */
export class Listener {
  readonly heard: EventEnvelope[] = [];
  /** Why the server has ended the stream; undefined while it goes on. */
  ended: string | undefined;
  readonly #url: string;
  readonly #key: string;
  readonly #stop = new AbortController();
  readonly #listening: Promise<void>;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
    this.#listening = this.#listen();
  }

  async #listen(): Promise<void> {
    while (!this.#stop.signal.aborted && this.ended === undefined) {
      // Broken off: it comes back.
      await this.#once().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #once(): Promise<void> {
    const silent = new AbortController();
    const timer = setTimeout(() => silent.abort(), SILENT_MS);
    try {
      const response = await fetch(this.#url, {
        headers: {
          authorization: `Bearer ${this.#key}`,
          "last-event-id": String(this.heard.at(-1)?.seq ?? 0),
        },
        signal: AbortSignal.any([this.#stop.signal, silent.signal]),
      });
      if (!response.ok || !response.body) throw new Error(`the stream answered ${response.status}`);
      for await (const { event, data } of eventsOf(response.body, {
        maxEventCharacters: MAX_EVENT_CHARACTERS,
        onPiece: () => timer.refresh(),
      })) {
        if (event === "end") this.ended = (JSON.parse(data) as { reason: string }).reason;
        else this.heard.push(JSON.parse(data) as EventEnvelope);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#listening;
  }
}
