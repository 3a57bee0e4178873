import { setTimeout } from "node:timers/promises";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { TooLarge } from "./body.ts";
import type { Pace } from "./pace.ts";

/** Text is given to the parser in slices of this many characters, so that little is lost behind what is too long. */
const SLICE_CHARACTERS = 4_096;
/** Events are handed on for so long at a time; then whoever else waits for this thread has their turn. */
const TURN_MS = 4;
/** The end of an event, with what may stand in front of it. */
const EVENT_END = /\r\n\r\n|\n\n|\r\r|\n\r\n/;

export interface EventStreamOptions {
  /** Characters that one event, or one line of it, may have. */
  maxEventCharacters: number;
  onEvent: (event: EventSourceMessage) => void;
  /** Called for each event that is longer, once: it is passed over, and reading goes on behind it. May throw. */
  onTooLong: () => void;
}

/**
 * Reads `text/event-stream` from bytes that are cut anywhere (WHATWG HTML, section 9.2), in time that is linear in
 * their number and in memory that is bounded by one event.
 */
export class EventStreamReader {
  readonly #options: EventStreamOptions;
  readonly #decoder = new TextDecoder();
  readonly #parser;
  #tooLong = false;
  /** Inside of an event that is passed over: the last characters seen, where its end may have begun. */
  #skipping: string | null = null;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#parser = createParser({
      maxBufferSize: options.maxEventCharacters,
      onEvent: (event) => {
        // One that arrives in a single slice was never buffered.
        if (event.data.length > options.maxEventCharacters) options.onTooLong();
        else options.onEvent(event);
      },
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") this.#tooLong = true;
      },
    });
  }

  /** Takes a piece of the stream; tells of the events that end in it. */
  push(piece: Uint8Array): void {
    this.#take(this.#decoder.decode(piece, { stream: true }));
  }

  /** Ends the stream: an event without its empty line is told of too, since some servers leave the last one out. */
  end(): void {
    this.#take(`${this.#decoder.decode()}\n\n`);
  }

  #take(text: string): void {
    // Not longer than an event may be: so what is too long has not ended in the slice in which that shows.
    const length = Math.min(SLICE_CHARACTERS, this.#options.maxEventCharacters);
    for (let at = 0; at < text.length; at += length) this.#feed(text.slice(at, at + length));
  }

  #feed(slice: string): void {
    if (this.#skipping !== null) return this.#skip(slice);
    this.#parser.feed(slice);
    if (!this.#tooLong) return;
    this.#tooLong = false;
    this.#parser.reset();
    this.#skipping = "";
    this.#options.onTooLong();
    // The slice may hold the event's end, and more behind it.
    this.#skip(slice);
  }

  #skip(slice: string): void {
    const text = (this.#skipping ?? "") + slice;
    const end = EVENT_END.exec(text);
    if (!end) {
      this.#skipping = text.slice(-3);
      return;
    }
    this.#skipping = null;
    const rest = text.slice(end.index + end[0].length);
    if (rest !== "") this.#feed(rest);
  }
}

/**
 * The events of a body, one after another, at the pace of whoever takes them.
 * @param limits in characters for one event, in bytes for the whole stream; without the latter it may go on for ever
 * @throws TooLarge where either is exceeded: the body is cancelled then
 */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  limits: {
    maxEventCharacters: number;
    maxBytes?: number;
    /** Called for each piece that comes, a comment's too: a sign of life. */
    onPiece?: () => void;
    /** How fast it is read; without it, as fast as it comes. */
    pace?: Pace;
  },
): AsyncGenerator<EventSourceMessage> {
  let found: EventSourceMessage[] = [];
  const reader = new EventStreamReader({
    maxEventCharacters: limits.maxEventCharacters,
    onEvent: (event) => found.push(event),
    onTooLong: () => {
      throw new TooLarge(limits.maxEventCharacters);
    },
  });
  let size = 0;
  let turnEndsAt = performance.now() + TURN_MS;
  // Leaving the loop, by a throw as well, cancels the body.
  for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
    limits.onPiece?.();
    size += piece.length;
    if (limits.maxBytes !== undefined && size > limits.maxBytes) throw new TooLarge(limits.maxBytes);
    reader.push(piece);
    await limits.pace?.take(piece.length);
    if (found.length === 0) continue;
    const events = found;
    found = [];
    for (const event of events) {
      if (performance.now() > turnEndsAt) {
        await setTimeout(TURN_MS);
        turnEndsAt = performance.now() + TURN_MS;
      }
      yield event;
    }
  }
}
