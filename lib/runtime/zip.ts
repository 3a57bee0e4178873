import fs from "node:fs";
import { crc32 } from "node:zlib";

/** Offsets and sizes are 32 bits wide without the format's extension, which not every reader knows. */
const MAX_BYTES = 0xffff_ffff;
const MAX_FILES = 0xffff;
const LOCAL_BYTES = 30;
const UTF8_NAMES = 0x0800;
const VERSION = 20;

interface Entry {
  name: Buffer;
  crc: number;
  size: number;
  offset: number;
}

/** Writes a ZIP archive piece by piece, without compressing (PKWARE's APPNOTE, 4.3). */
export class ZipWriter {
  private readonly descriptor: number;
  private readonly entries: Entry[] = [];
  private position = 0;

  /** @param file must not exist yet */
  constructor(file: string) {
    this.descriptor = fs.openSync(file, "wx", 0o600);
  }

  /** @throws Error if the archive grows too large for the format */
  add(name: string, pieces: Iterable<Uint8Array>): void {
    const entry: Entry = { name: Buffer.from(name), crc: 0, size: 0, offset: this.position };
    this.position += LOCAL_BYTES + entry.name.length;
    for (const piece of pieces) {
      entry.crc = crc32(piece, entry.crc);
      entry.size += piece.length;
      this.write(piece);
    }
    // What comes before the content depends on it.
    fs.writeSync(this.descriptor, localHeader(entry), 0, undefined, entry.offset);
    this.entries.push(entry);
    if (this.entries.length > MAX_FILES) throw new Error(`an archive holds at most ${MAX_FILES} files`);
  }

  /** Completes the archive and brings it to the disk. */
  finish(): void {
    const offset = this.position;
    for (const entry of this.entries) this.write(centralHeader(entry));
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.entries.length, 8);
    end.writeUInt16LE(this.entries.length, 10);
    end.writeUInt32LE(this.position - offset, 12);
    end.writeUInt32LE(offset, 16);
    this.write(end);
    fs.fsyncSync(this.descriptor);
    this.close();
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }

  private write(bytes: Uint8Array): void {
    fs.writeSync(this.descriptor, bytes, 0, undefined, this.position);
    this.position += bytes.length;
    if (this.position > MAX_BYTES) throw new Error("an archive holds at most 4 GiB");
  }
}

function localHeader({ name, crc, size }: Entry): Buffer {
  const header = Buffer.alloc(LOCAL_BYTES + name.length);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header, 4, { crc, size, name });
  name.copy(header, LOCAL_BYTES);
  return header;
}

function centralHeader({ name, crc, size, offset }: Entry): Buffer {
  const header = Buffer.alloc(46 + name.length);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(VERSION, 4);
  writeCommon(header, 6, { crc, size, name });
  header.writeUInt32LE(offset, 42);
  name.copy(header, 46);
  return header;
}

/** The fields that both headers share, in the same order. */
function writeCommon(header: Buffer, at: number, entry: Omit<Entry, "offset">): void {
  header.writeUInt16LE(VERSION, at);
  header.writeUInt16LE(UTF8_NAMES, at + 2);
  // No compression; 1980-01-01, the format's first day.
  header.writeUInt16LE(0, at + 4);
  header.writeUInt16LE(0, at + 6);
  header.writeUInt16LE(0x21, at + 8);
  header.writeUInt32LE(entry.crc, at + 10);
  header.writeUInt32LE(entry.size, at + 14);
  header.writeUInt32LE(entry.size, at + 18);
  header.writeUInt16LE(entry.name.length, at + 22);
}
