import { createHash } from "node:crypto";
import fs from "node:fs";
import { deflateSync } from "node:zlib";

/** Git's numbers of what a pack holds: https://git-scm.com/docs/gitformat-pack */
const TYPES = { commit: 1, tree: 2, blob: 3 } as const;
export type ObjectType = keyof typeof TYPES;

const VERSION = 2;
const HEAD_BYTES = 12;
const PIECE_BYTES = 1 << 20;

/** An object's type and length: four bits of it in the first byte, seven in each that follows. */
function headOf(type: ObjectType, length: number): Buffer {
  const bytes = [(TYPES[type] << 4) | (length & 0b1111)];
  for (let left = Math.floor(length / 16); left > 0; left = Math.floor(left / 128)) {
    bytes[bytes.length - 1]! |= 0b1000_0000;
    bytes.push(left & 0b111_1111);
  }
  return Buffer.from(bytes);
}

/**
 * Writes objects as a pack, one after the other: thousands of small ones would each be a file first, and be read again to
 * be packed.
 */
export class PackWriter {
  readonly #file: number;
  #count = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(file: string) {
    this.#file = fs.openSync(file, "w+", 0o600);
    fs.writeSync(this.#file, Buffer.alloc(HEAD_BYTES));
  }

  add(type: ObjectType, content: Buffer): void {
    this.#count += 1;
    this.#write(headOf(type, content.length));
    this.#write(deflateSync(content, { level: 1 }));
    if (this.#waitingBytes >= PIECE_BYTES) this.#flush();
  }

  #write(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#waiting);
    for (let at = 0; at < bytes.length;) at += fs.writeSync(this.#file, bytes, at);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Ends it with its count and its hash. Nothing can be added any more. */
  end(): void {
    this.#flush();
    const head = Buffer.from("PACK\0\0\0\0\0\0\0\0");
    head.writeUInt32BE(VERSION, 4);
    head.writeUInt32BE(this.#count, 8);
    fs.writeSync(this.#file, head, 0, HEAD_BYTES, 0);
    const hash = createHash("sha1");
    const piece = Buffer.alloc(PIECE_BYTES);
    let at = 0;
    for (let read = 0; (read = fs.readSync(this.#file, piece, 0, PIECE_BYTES, at)) > 0; at += read)
      hash.update(piece.subarray(0, read));
    fs.writeSync(this.#file, hash.digest(), 0, 20, at);
    fs.closeSync(this.#file);
  }
}
