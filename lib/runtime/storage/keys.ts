import type { Value } from "convex/values";

/**
 * Index keys: byte strings whose `memcmp` order is the order of `compareValues` in "convex/values".
 * Each value is one tag byte and a payload; variable payloads end with 0x00, and a zero byte inside
 * them is written as 0x00 0xff, so that an end sorts before whatever else could stand there.
 */
const TAG = {
  undefined: 0x01,
  null: 0x02,
  int64: 0x03,
  float64: 0x04,
  false: 0x05,
  true: 0x06,
  string: 0x07,
  bytes: 0x08,
  array: 0x09,
  object: 0x0a,
} as const;
const SIGN = 1n << 63n;
const END = 0x00;
/** Room that a long key has needed, and later ones will not. */
const MAX_KEPT_BYTES = 64 * 1024;

/** Every key is smaller than this one: the upper bound of a whole index. */
export const AFTER_ALL_KEYS: Uint8Array = Uint8Array.of(0xff);

class KeyWriter {
  private bytes = Buffer.allocUnsafe(128);
  private length = 0;

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  private byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  private word(value: bigint): void {
    this.reserve(8);
    this.bytes.writeBigUInt64BE(value, this.length);
    this.length += 8;
  }

  private escaped(payload: Uint8Array): void {
    this.reserve(payload.length * 2 + 1);
    for (const value of payload) {
      this.bytes[this.length++] = value;
      if (value === 0) this.bytes[this.length++] = 0xff;
    }
    this.bytes[this.length++] = END;
  }

  private float(value: number): void {
    this.reserve(8);
    const { bytes, length } = this;
    bytes.writeDoubleBE(value, length);
    // Bytewise, since big integers take five times as long.
    const first = bytes[length] ?? 0;
    if (first & 0x80) for (let i = length; i < length + 8; i++) bytes[i] = ~(bytes[i] ?? 0);
    else bytes[length] = first | 0x80;
    this.length += 8;
  }

  write(value: Value | undefined): void {
    if (value === undefined) return this.byte(TAG.undefined);
    if (value === null) return this.byte(TAG.null);
    if (typeof value === "boolean") return this.byte(value ? TAG.true : TAG.false);
    if (typeof value === "bigint") {
      this.byte(TAG.int64);
      return this.word(BigInt.asUintN(64, value) ^ SIGN);
    }
    if (typeof value === "number") {
      this.byte(TAG.float64);
      return this.float(value);
    }
    if (typeof value === "string") {
      this.byte(TAG.string);
      return this.escaped(Buffer.from(value, "utf8"));
    }
    if (value instanceof ArrayBuffer) {
      this.byte(TAG.bytes);
      return this.escaped(new Uint8Array(value));
    }
    if (Array.isArray(value)) {
      this.byte(TAG.array);
      for (const element of value) this.write(element);
      return this.byte(END);
    }
    this.byte(TAG.object);
    const fields = value as Record<string, Value | undefined>;
    for (const name of Object.keys(fields).toSorted()) {
      if (fields[name] === undefined) continue;
      this.write(name);
      this.write(fields[name]);
    }
    this.byte(END);
  }

  /** Forgets what was written, whether it was finished or not. */
  begin(): void {
    this.length = 0;
    if (this.bytes.length > MAX_KEPT_BYTES) this.bytes = Buffer.allocUnsafe(128);
  }

  finish(): Uint8Array {
    return new Uint8Array(this.bytes.subarray(0, this.length));
  }
}

/** One for all keys: a key is written at once. */
const writer = new KeyWriter();

/** The key of a tuple of values; comparing keys bytewise compares the tuples element by element. */
export function encodeKey(values: readonly (Value | undefined)[]): Uint8Array {
  writer.begin();
  for (const value of values) writer.write(value);
  return writer.finish();
}

/**
 * The upper bound of all tuples that begin with the values of `prefix`: what follows a value is a tag
 * or an end, both below 0xff; only a longer string goes on with 0x00 0xff, and is another value.
 */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  const end = new Uint8Array(prefix.length + 1);
  end.set(prefix);
  end[prefix.length] = 0xff;
  return end;
}

/** The smallest key greater than `key` itself. */
export function keyAfter(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/**
 * The smallest document id whose one-element key is at or above `bound`. Lets the table of documents
 * itself serve `by_id`, without an index of its own. Ids are ASCII without control characters.
 */
export function idAtOrAfter(bound: Uint8Array): string {
  const tag = bound[0] ?? 0;
  if (tag < TAG.string) return "";
  if (tag > TAG.string) return "\u{10ffff}";
  const payload = Buffer.from(bound.subarray(1));
  const end = payload.indexOf(END);
  const text = payload.subarray(0, end < 0 ? payload.length : end).toString("latin1");
  return end < 0 || end === payload.length - 1 ? text : `${text}\u0001`;
}
