import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { CannotOpen } from "../keys/envelope.ts";

/**
 * How a pack lies in a store:
 *
 * | bytes    | what                                                                                           |
 * | -------- | ---------------------------------------------------------------------------------------------- |
 * | 4        | `STCP`                                                                                         |
 * | 1        | the version of this format: 1                                                                  |
 * | 32       | a salt                                                                                         |
 * | the rest | pieces of 64 KiB, the last one shorter, each encrypted by AES-256-GCM with its tag behind it   |
 *
 * Each pack has a key of its own, derived (HKDF-SHA-256) from the organization's, the salt, and the pack's place. A piece's
 * nonce is its number, and whether it is the last: none can be moved, left out, or taken from another pack.
 */
const MAGIC = Buffer.from("STCP");
const VERSION = 1;
const SALT_BYTES = 32;
const HEADER_BYTES = MAGIC.length + 1 + SALT_BYTES;
const PIECE_BYTES = 65_536;
const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";

/** What is stored is not what was sealed for this place: it was changed, cut off, or is another one. */
export class Tampered extends Error {
  override name = "Tampered";
}

/** What a pack is sealed for, so that it can be opened as nothing else. */
export interface PackPlace {
  organizationId: string;
  storedAs: string;
}

/** How long so many bytes are once they are sealed. */
export const sealedBytes = (bytes: number): number =>
  HEADER_BYTES + bytes + Math.max(1, Math.ceil(bytes / PIECE_BYTES)) * TAG_BYTES;

const keyOf = (key: Buffer, salt: Buffer, { organizationId, storedAs }: PackPlace): Buffer =>
  Buffer.from(hkdfSync("sha256", key, salt, `checkpoint|${VERSION}|${organizationId}|${storedAs}`, 32));

/** Each key seals one pack, so that a count serves. */
function nonceOf(piece: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(piece, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

/** Gives bytes on in pieces of one length; what is left at the end, which may be none, is the last. */
class Pieces {
  readonly #length: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(length: number) {
    this.#length = length;
  }

  /** The pieces that are whole, without one that may be the last. */
  *take(bytes: Uint8Array): Generator<Buffer> {
    this.#rest = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (; this.#rest.length - at > this.#length; at += this.#length)
      yield this.#rest.subarray(at, at + this.#length);
    this.#rest = this.#rest.subarray(at);
  }

  get last(): Buffer {
    return this.#rest;
  }
}

/** Encrypts a pack on its way into a store. */
export function sealing(key: Buffer, place: PackPlace): TransformStream<Uint8Array, Uint8Array> {
  const salt = randomBytes(SALT_BYTES);
  const own = keyOf(key, salt, place);
  const pieces = new Pieces(PIECE_BYTES);
  let count = 0;
  const seal = (piece: Buffer, isLast: boolean): Buffer => {
    const cipher = createCipheriv(ALGORITHM, own, nonceOf(count, isLast));
    count += 1;
    return Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]);
  };
  return new TransformStream({
    start: (controller) => controller.enqueue(Buffer.concat([MAGIC, Buffer.from([VERSION]), salt])),
    transform: (bytes, controller) => {
      for (const piece of pieces.take(bytes)) controller.enqueue(seal(piece, false));
    },
    flush: (controller) => controller.enqueue(seal(pieces.last, true)),
  });
}

/**
 * Decrypts a pack on its way out of a store.
 * @param broken is told where it can't be opened, `Tampered` where it is not what was sealed for this place; the bytes
 * break off with what it returns
 */
export function unsealing(
  key: Buffer,
  place: PackPlace,
  broken: (error: Error) => Error = (error) => error,
): TransformStream<Uint8Array, Uint8Array> {
  const pieces = new Pieces(PIECE_BYTES + TAG_BYTES);
  let header: Buffer = Buffer.alloc(0);
  let own: Buffer | undefined;
  let count = 0;
  const open = (piece: Buffer, isLast: boolean): Buffer => {
    if (!own || piece.length < TAG_BYTES) throw new Tampered("It is cut off.");
    const decipher = createDecipheriv(ALGORITHM, own, nonceOf(count, isLast), { authTagLength: TAG_BYTES });
    count += 1;
    decipher.setAuthTag(piece.subarray(-TAG_BYTES));
    const plain = decipher.update(piece.subarray(0, -TAG_BYTES));
    try {
      decipher.final();
    } catch (error) {
      throw new Tampered("It was changed where it is stored, or belongs elsewhere.", { cause: error });
    }
    return plain;
  };
  /** @returns what is behind the header */
  const begin = (bytes: Uint8Array): Uint8Array => {
    header = Buffer.concat([header, bytes]);
    if (header.length < HEADER_BYTES) return Buffer.alloc(0);
    if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw new Tampered("It is not encrypted.");
    const version = header[MAGIC.length];
    if (version !== VERSION)
      throw new CannotOpen(`A checkpoint has the format ${version}, which is not known here.`);
    own = keyOf(key, header.subarray(MAGIC.length + 1, HEADER_BYTES), place);
    return header.subarray(HEADER_BYTES);
  };
  const telling = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      throw broken(error as Error);
    }
  };
  return new TransformStream({
    transform: (bytes, controller) =>
      telling(() => {
        for (const piece of pieces.take(own ? bytes : begin(bytes))) controller.enqueue(open(piece, false));
      }),
    flush: (controller) => telling(() => controller.enqueue(open(pieces.last, true))),
  });
}
