import fs from "node:fs";
import { pipeline } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { PlatformError } from "../engine/errors.ts";

/** A file of an archive. Sizes and offsets are in bytes. */
export interface ZipEntry {
  name: string;
  /** 0 is stored, 8 deflated. */
  method: number;
  crc: number;
  packed: number;
  size: number;
  offset: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const MAX_COMMENT_BYTES = 65_535;
const ENCRYPTED = 1;
/** Stands where a number needs the format's 64 bits. */
const ELSEWHERE = 0xffff_ffff;
const WIDE = 0x0001;
/** Of all entries unpacked: as much as an archive of our own can hold. */
const MAX_UNPACKED_BYTES = 0xffff_ffff;
/** Of the list of files: a thousand bytes for each that there can be. It is read at once. */
const MAX_DIRECTORY_BYTES = 65_535 * 1_000;

const unreadable = (): PlatformError => new PlatformError("The file is not a readable ZIP archive.");

/** Reads a ZIP archive a piece at a time (PKWARE's APPNOTE, 4.3); it may be hostile. */
export class ZipReader {
  readonly entries: readonly ZipEntry[];
  private readonly file: string;

  /** @throws PlatformError if it is none, or one of another kind */
  constructor(file: string) {
    this.file = file;
    const descriptor = fs.openSync(file, "r");
    try {
      this.entries = readDirectory(descriptor, fs.fstatSync(descriptor).size);
    } catch (error) {
      throw error instanceof RangeError ? unreadable() : error;
    } finally {
      fs.closeSync(descriptor);
    }
    if (this.entries.reduce((sum, { size }) => sum + size, 0) > MAX_UNPACKED_BYTES) {
      throw new PlatformError(`The archive holds more than ${MAX_UNPACKED_BYTES} bytes.`);
    }
  }

  /** The content. Throws PlatformError where it is not what the archive says of it. */
  async *pieces(entry: ZipEntry): AsyncGenerator<Buffer> {
    const start = await this.contentStart(entry);
    const broken = (): PlatformError => new PlatformError(`${entry.name}: the archive is damaged here.`);
    let size = 0;
    let crc = 0;
    try {
      for await (const piece of this.unpacked(entry, start)) {
        size += piece.length;
        // Also what keeps a small archive from unpacking to any size.
        if (size > entry.size) throw broken();
        crc = crc32(piece, crc);
        yield piece;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code?.startsWith("Z_")) throw broken();
      throw error;
    }
    if (size !== entry.size || crc !== entry.crc) throw broken();
  }

  private unpacked({ method, packed }: ZipEntry, start: number): AsyncIterable<Buffer> {
    if (packed === 0) return none();
    const raw = fs.createReadStream(this.file, { start, end: start + packed - 1 });
    if (method === 0) return raw as AsyncIterable<Buffer>;
    // An error is thrown where the pieces are read.
    return pipeline(raw, createInflateRaw(), () => undefined) as AsyncIterable<Buffer>;
  }

  private async contentStart({ name, offset, packed }: ZipEntry): Promise<number> {
    const handle = await fs.promises.open(this.file);
    try {
      const header = Buffer.alloc(LOCAL_BYTES);
      const { bytesRead } = await handle.read(header, 0, LOCAL_BYTES, offset);
      const start = offset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
      const { size } = await handle.stat();
      if (bytesRead === LOCAL_BYTES && header.readUInt32LE(0) === LOCAL && start + packed <= size)
        return start;
      throw new PlatformError(`${name}: the archive is damaged here.`);
    } finally {
      await handle.close();
    }
  }
}

async function* none(): AsyncGenerator<Buffer> {}

function readDirectory(descriptor: number, length: number): ZipEntry[] {
  const tail = read(descriptor, Math.max(0, length - END_BYTES - MAX_COMMENT_BYTES), length);
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--;
  if (end < 0) throw unreadable();
  const count = tail.readUInt16LE(end + 10);
  const directoryBytes = tail.readUInt32LE(end + 12);
  const first = tail.readUInt32LE(end + 16);
  if (first === ELSEWHERE || first + directoryBytes > length) throw unreadable();
  if (directoryBytes > MAX_DIRECTORY_BYTES) {
    throw new PlatformError(`The archive's list of files exceeds ${MAX_DIRECTORY_BYTES} bytes.`);
  }
  const bytes = read(descriptor, first, first + directoryBytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const next =
      at +
      CENTRAL_BYTES +
      bytes.readUInt16LE(at + 28) +
      bytes.readUInt16LE(at + 30) +
      bytes.readUInt16LE(at + 32);
    if (next > bytes.length) throw unreadable();
    const entry = entryAt(bytes, at);
    if (entry.offset + LOCAL_BYTES + entry.packed > length) throw unreadable();
    entries.push(entry);
    at = next;
  }
  const names = new Set(entries.map(({ name }) => name));
  if (names.size < entries.length) throw new PlatformError("The archive has two files of one name.");
  return entries;
}

function entryAt(bytes: Buffer, at: number): ZipEntry {
  const method = bytes.readUInt16LE(at + 10);
  const isReadable = (bytes.readUInt16LE(at + 8) & ENCRYPTED) === 0 && (method === 0 || method === 8);
  if (bytes.readUInt32LE(at) !== CENTRAL || !isReadable) throw unreadable();
  const extra = at + CENTRAL_BYTES + bytes.readUInt16LE(at + 28);
  const wide = wideNumbers(bytes.subarray(extra, extra + bytes.readUInt16LE(at + 30)));
  // In this order, each only where the narrow field has no room for it.
  const numberAt = (offset: number): number => {
    const narrow = bytes.readUInt32LE(at + offset);
    return narrow === ELSEWHERE ? (wide.shift() ?? narrow) : narrow;
  };
  const size = numberAt(24);
  const packed = numberAt(20);
  return {
    name: bytes.toString("utf8", at + CENTRAL_BYTES, extra),
    method,
    crc: bytes.readUInt32LE(at + 16),
    packed,
    size,
    offset: numberAt(42),
  };
}

/** The numbers of 64 bits in an entry's extra fields. */
function wideNumbers(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== WIDE) continue;
    const end = Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2));
    const numbers: number[] = [];
    for (let n = at + 4; n + 8 <= end; n += 8) numbers.push(Number(extra.readBigUInt64LE(n)));
    return numbers;
  }
  return [];
}

function read(descriptor: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  if (fs.readSync(descriptor, bytes, 0, bytes.length, from) < bytes.length) throw unreadable();
  return bytes;
}
