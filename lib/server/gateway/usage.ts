import type { WireFormat } from "#domain/catalog.ts";
import { EventStreamReader } from "#net/event-stream.ts";
import { type Ending, ENDS, hasText, newEnding, readEnding, TELLS_CALL, TELLS_TEXT } from "./ending.ts";
import { type Figures, newFigures, readFigures, TELLING } from "./figures.ts";

/** One event of a streamed answer may have as much; figures stand in short ones. A longer one is passed on uncounted. */
export const MAX_EVENT_CHARACTERS = 1_000_000;
/** An answer that is not streamed is read whole, and counts as without figures above this. */
const MAX_JSON_BYTES = 32_000_000;

/** Reads a provider's own figures, and how it ends, out of its answer while it passes by, without touching a byte. */
export class UsageMeter {
  readonly #format: WireFormat;
  readonly #figures: Figures = newFigures();
  /** How the answer ends, as far as it has come. */
  readonly ending: Ending = newEnding();
  /** Null where the answer is not streamed. */
  readonly #events: EventStreamReader | null;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #ended = false;

  /** @param contentType of the answer: an event stream is read event by event, anything else as one JSON text */
  constructor(format: WireFormat, contentType: string | null) {
    this.#format = format;
    this.#events = contentType?.includes("text/event-stream")
      ? new EventStreamReader({
          maxEventCharacters: MAX_EVENT_CHARACTERS,
          onEvent: ({ data }) => this.#read(data),
          onTooLong: () => {
            this.#figures.unread = true;
          },
        })
      : null;
  }

  /** Takes a piece of the answer. */
  push(piece: Uint8Array): void {
    if (this.#events) return this.#events.push(piece);
    this.#size += piece.length;
    if (this.#size <= MAX_JSON_BYTES) this.#pieces.push(piece);
    else {
      this.#figures.unread = true;
      this.#pieces = [];
    }
  }

  /** What the provider has said, once the answer is over: whole or not. */
  end(): Figures {
    if (this.#ended) return this.#figures;
    this.#ended = true;
    if (this.#events) this.#events.end();
    else this.#read(Buffer.concat(this.#pieces).toString("utf8"));
    this.#pieces = [];
    return this.#figures;
  }

  #read(text: string): void {
    const telling = TELLING.test(text);
    // Once it is known that the model writes, only its first words, a tool's call and the end are of interest.
    const saysMore = !hasText(this.ending) && TELLS_TEXT.test(text);
    if (!telling && !saysMore && this.ending.wrote && !ENDS.test(text) && !TELLS_CALL.test(text)) return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // Not JSON, or cut off: it carries no figures.
      return;
    }
    if (typeof value !== "object" || value === null) return;
    this.ending.pieces += 1;
    readEnding(this.#format, value, this.ending);
    if (telling) readFigures(this.#format, value, this.#figures);
  }
}
