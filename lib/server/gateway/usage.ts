import type { WireFormat } from "../../domain/catalog.ts";
import { type Figures, readFigures, TELLING } from "./figures.ts";

/** An answer that is not streamed is read whole, and given up above this. */
const MAX_JSON_CHARACTERS = 64_000_000;

/** Reads a provider's own figures out of its answer while it passes by, without touching a byte. */
export class UsageMeter {
  readonly #format: WireFormat;
  readonly #decoder = new TextDecoder();
  readonly #streamed: boolean;
  readonly #figures: Figures = { usage: null, reportedCostMicroUsd: null, failure: null };
  /** Pieces of the text that is not complete yet: joined once, at its end. */
  #pending: string[] = [];
  #pendingLength = 0;
  /** The data lines of the event that is not complete yet. */
  #data: string[] = [];
  #ended = false;

  /** @param contentType of the answer: an event stream is read line by line, anything else as one JSON text */
  constructor(format: WireFormat, contentType: string | null) {
    this.#format = format;
    this.#streamed = contentType?.includes("text/event-stream") ?? false;
  }

  /** Takes a piece of the answer. */
  push(piece: Uint8Array): void {
    this.#take(this.#decoder.decode(piece, { stream: true }));
  }

  /** What the provider has said, once the answer is over: whole or not. */
  end(): Figures {
    if (!this.#ended) {
      this.#ended = true;
      this.#take(this.#decoder.decode());
      const rest = this.#pending.join("");
      if (this.#streamed) {
        this.#line(rest.replace(/\r$/, ""));
        this.#line("");
      } else this.#read(rest);
    }
    return this.#figures;
  }

  #take(text: string): void {
    if (text === "") return;
    if (!this.#streamed || !/[\r\n]/.test(text)) {
      this.#pendingLength += text.length;
      if (this.#pendingLength <= MAX_JSON_CHARACTERS) this.#pending.push(text);
      return;
    }
    const joined = this.#pending.join("") + text;
    // A carriage return at the end may be the first half of a line's end.
    const half = joined.endsWith("\r") ? "\r" : "";
    const lines = joined.slice(0, joined.length - half.length).split(/\r\n|[\r\n]/);
    const rest = (lines.pop() ?? "") + half;
    this.#pending = [rest];
    this.#pendingLength = rest.length;
    for (const line of lines) this.#line(line);
  }

  /** A line of an event stream (WHATWG HTML, section 9.2.6). An empty one ends the event. */
  #line(line: string): void {
    if (line === "") {
      if (this.#data.length > 0) this.#read(this.#data.join("\n"));
      this.#data = [];
    } else if (line.startsWith("data:")) this.#data.push(line.slice(line[5] === " " ? 6 : 5));
  }

  #read(text: string): void {
    if (!TELLING.test(text)) return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // Not JSON, or cut off: it carries no figures.
      return;
    }
    readFigures(this.#format, value, this.#figures);
  }
}
