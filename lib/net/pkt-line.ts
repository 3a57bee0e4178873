import { TooLarge } from "./body.ts";

/** The framing of git's protocol: https://git-scm.com/docs/protocol-common#_pkt_line_format */

/** The length field's own four digits. */
const HEAD = 4;
const MAX_LINE_BYTES = 65_520;

/** Lines without content, by their length field. */
const SIGNS: Record<number, "flush" | "delim" | "end"> = { 0: "flush", 1: "delim", 2: "end" };
export type PktSign = "flush" | "delim" | "end";

export const FLUSH = Buffer.from("0000");
export const DELIM = Buffer.from("0001");

/** A line with its length in front. */
export function pktLine(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from((bytes.length + HEAD).toString(16).padStart(HEAD, "0")), bytes]);
}

/** What came is not in the form of git's protocol. */
export class NotPktLine extends Error {
  constructor() {
    super("These bytes aren't lines of git's protocol.");
    this.name = "NotPktLine";
  }
}

function lengthIn(bytes: Buffer): number {
  const digits = bytes.toString("latin1", 0, HEAD);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new NotPktLine();
  const length = Number.parseInt(digits, 16);
  if (length > MAX_LINE_BYTES || length === 3) throw new NotPktLine();
  return length;
}

/** Takes lines out of bytes that come in pieces of any size. */
export class PktParser {
  #bytes = Buffer.alloc(0);

  push(piece: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#bytes, piece]);
  }

  /** The next line; undefined until all of it has come. @throws NotPktLine */
  next(): Buffer | PktSign | undefined {
    if (this.#bytes.length < HEAD) return undefined;
    const length = lengthIn(this.#bytes);
    const sign = SIGNS[length];
    const end = sign ? HEAD : length;
    if (this.#bytes.length < end) return undefined;
    const line = this.#bytes.subarray(HEAD, end);
    this.#bytes = this.#bytes.subarray(end);
    return sign ?? line;
  }
}

/** Reads lines from the beginning of a stream, and can give all of it back afterwards. */
export class PktReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #parser = new PktParser();
  readonly #maxBytes: number;
  readonly #seen: Uint8Array[] = [];
  #size = 0;

  /** @param maxBytes how many bytes may be read for their lines */
  constructor(body: ReadableStream<Uint8Array>, maxBytes: number) {
    this.#reader = body.getReader();
    this.#maxBytes = maxBytes;
  }

  /** The next line; null at the end. @throws NotPktLine | TooLarge */
  async next(): Promise<Buffer | PktSign | null> {
    for (;;) {
      const line = this.#parser.next();
      if (line !== undefined) return line;
      const { value, done } = await this.#reader.read();
      if (done) return null;
      if (this.#size > this.#maxBytes) throw new TooLarge(this.#maxBytes);
      this.#size += value.length;
      this.#seen.push(value);
      this.#parser.push(value);
    }
  }

  /** The stream from its first byte on. */
  whole(): ReadableStream<Uint8Array> {
    const seen = this.#seen.values();
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const next = seen.next();
        if (!next.done) return controller.enqueue(next.value);
        const { value, done } = await this.#reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async (reason) => await this.#reader.cancel(reason),
    });
  }

  /** Nothing more is wanted of the stream. */
  async end(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }
}
