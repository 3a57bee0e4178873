import { randomBytes } from "node:crypto";

/**
 * Document ids in Convex's format: varint(table number), 14 random bytes, the day as uint16 (big
 * endian), a Fletcher-16 checksum (little endian), all in lower-case Crockford base32.
 */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) DIGITS[ALPHABET.charCodeAt(i)] = i;
const RANDOM_BYTES = 14;
const TAIL = RANDOM_BYTES + 4;
const DAY_MS = 86_400_000;
const MIN_LENGTH = 31;
const MAX_LENGTH = 37;

/** Table numbers from here on belong to the app; those below are the runtime's own. */
export const FIRST_USER_TABLE = 10_001;

function checksum(bytes: Uint8Array, length: number): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < length; i++) {
    low = (low + (bytes[i] ?? 0)) & 0xff;
    high = (high + low) & 0xff;
  }
  return (high << 8) | low;
}

function toBase32(bytes: Uint8Array): string {
  let text = "";
  let pending = 0;
  let bits = 0;
  for (const value of bytes) {
    pending = (pending << 8) | value;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(pending >> bits) & 31];
    }
    pending &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(pending << (5 - bits)) & 31] : text;
}

function fromBase32(text: string): Uint8Array | null {
  const bytes = new Uint8Array((text.length * 5) >> 3);
  let pending = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = DIGITS[text.charCodeAt(i)] ?? -1;
    if (digit < 0) return null;
    pending = (pending << 5) | digit;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (pending >> bits) & 0xff;
    pending &= (1 << bits) - 1;
  }
  // Neither set bits nor a whole character may be left over: each id has one spelling.
  return pending === 0 && bits < 5 ? bytes : null;
}

let pool = Buffer.alloc(0);

function takeRandom(): Uint8Array {
  if (pool.length < RANDOM_BYTES) pool = randomBytes(RANDOM_BYTES * 256);
  const taken = pool.subarray(0, RANDOM_BYTES);
  pool = pool.subarray(RANDOM_BYTES);
  return taken;
}

function varintOf(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

/** A fresh id of the table with this number. `nowMs` is milliseconds since the epoch. */
export function newId(tableNumber: number, nowMs: number): string {
  const varint = varintOf(tableNumber);
  const bytes = Buffer.alloc(varint.length + TAIL);
  bytes.set(varint, 0);
  bytes.set(takeRandom(), varint.length);
  const day = varint.length + RANDOM_BYTES;
  bytes.writeUInt16BE(Math.floor(nowMs / DAY_MS) & 0xffff, day);
  bytes.writeUInt16LE(checksum(bytes, day + 2), day + 2);
  return toBase32(bytes);
}

/** The characters that all ids of a table begin with (and those of few other tables). */
export function idPrefix(tableNumber: number): string {
  const whole = Math.floor((varintOf(tableNumber).length * 8) / 5);
  return toBase32(Uint8Array.from(varintOf(tableNumber))).slice(0, whole);
}

/** The platform's explanation of why a text is no id, or null if it is one. */
export function idProblem(id: string): string | null {
  if (id.length < MIN_LENGTH || id.length > MAX_LENGTH)
    return `Unable to decode ID: Invalid ID length ${id.length}`;
  if (!fromBase32(id)) return "Unable to decode ID: ID wasn't valid base32";
  return tableNumberOf(id) === null ? "Unable to decode ID: Invalid ID" : null;
}

/** The table number inside an id, or null if the text is not a well-formed id. */
export function tableNumberOf(id: string): number | null {
  if (id.length < MIN_LENGTH || id.length > MAX_LENGTH) return null;
  const bytes = fromBase32(id);
  if (!bytes) return null;
  let number = 0;
  let at = 0;
  for (;;) {
    const value = bytes[at];
    if (value === undefined || at >= 5) return null;
    number |= (value & 0x7f) << (7 * at);
    at++;
    if (value < 0x80) break;
  }
  if (bytes.length !== at + TAIL) return null;
  const body = bytes.length - 2;
  const stored = (bytes[body] ?? 0) | ((bytes[body + 1] ?? 0) << 8);
  return checksum(bytes, body) === stored ? number >>> 0 : null;
}
