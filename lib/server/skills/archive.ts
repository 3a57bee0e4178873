import { crc32, gunzipSync, inflateRawSync } from "node:zlib";
import { refuse } from "../http/refuse.ts";
import { pathFault } from "./import-paths.ts";

/** A file of an archive, or of a folder. */
export interface ImportedFile {
  /** With `/` between its parts, relative to where the archive begins. */
  path: string;
  bytes: Uint8Array;
}

/** Bytes of an archive as it is sent, and of all that is in it. */
export const MAX_ARCHIVE_BYTES = 700_000;
const MAX_UNPACKED_BYTES = 8_000_000;
const MAX_ENTRIES = 2_000;

const text = new TextDecoder("utf-8", { fatal: true });

/**
 * The regular files of a zip or tar archive, gzipped or not, that `isWanted`. One entry that is a link, leads out of the
 * archive, or is none of a file's or folder's refuses the whole: somebody has made it so.
 * @throws HttpError invalid_request
 */
export function filesInArchive(archive: Uint8Array, isWanted: (path: string) => boolean): ImportedFile[] {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  try {
    if (bytes.length >= 4 && bytes.readUInt32LE(0) === LOCAL) return unzip(bytes, isWanted);
    const isGzip = bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
    const tar = isGzip ? gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }) : bytes;
    return untar(tar, isWanted);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw refuse("archive_too_large", { maxBytes: MAX_UNPACKED_BYTES });
    // Of the reader's own: an offset behind the end, a text that is no UTF-8, a broken stream.
    if (error instanceof RangeError || error instanceof TypeError || code?.startsWith("Z_"))
      throw refuse("archive_unreadable");
    throw error;
  }
}

/** Looks at an entry's name. @throws HttpError invalid_request */
function checkedPath(path: string): string {
  const fault = pathFault(path);
  if (fault !== null) throw refuse("archive_path", { path, fault });
  return path.replace(/^(\.\/)+/, "");
}

function countEntry(count: number): void {
  if (count > MAX_ENTRIES) throw refuse("archive_entries", { limit: MAX_ENTRIES });
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
/** The kind of a file in its Unix mode: https://man7.org/linux/man-pages/man7/inode.7.html */
const KIND = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;

/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, without encryption, several disks and zip64 */
function unzip(bytes: Buffer, isWanted: (path: string) => boolean): ImportedFile[] {
  let end = bytes.length - END_BYTES;
  const first = Math.max(0, end - MAX_COMMENT_BYTES);
  while (end >= first && bytes.readUInt32LE(end) !== END) end -= 1;
  if (end < first) throw refuse("archive_unreadable");
  const count = bytes.readUInt16LE(end + 10);
  countEntry(count);
  const files: ImportedFile[] = [];
  let left = MAX_UNPACKED_BYTES;
  let at = bytes.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry += 1) {
    if (bytes.readUInt32LE(at) !== CENTRAL) throw refuse("archive_unreadable");
    const flags = bytes.readUInt16LE(at + 8);
    const method = bytes.readUInt16LE(at + 10);
    const crc = bytes.readUInt32LE(at + 16);
    const packed = bytes.readUInt32LE(at + 20);
    const size = bytes.readUInt32LE(at + 24);
    const nameLength = bytes.readUInt16LE(at + 28);
    const rest = bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    const mode = bytes.readUInt32LE(at + 38) >>> 16;
    const local = bytes.readUInt32LE(at + 42);
    const name = text.decode(bytes.subarray(at + 46, at + 46 + nameLength));
    at += 46 + nameLength + rest;
    const path = checkedPath(name);
    const kind = mode & KIND;
    if (kind !== 0 && kind !== REGULAR && kind !== FOLDER) throw refuse("archive_link", { path });
    if (path.endsWith("/") || kind === FOLDER || !isWanted(path)) continue;
    if ((flags & 1) !== 0 || (method !== 0 && method !== 8) || packed === 0xffffffff)
      throw refuse("archive_unreadable");
    if (size > left) throw refuse("archive_too_large", { maxBytes: MAX_UNPACKED_BYTES });
    if (bytes.readUInt32LE(local) !== LOCAL) throw refuse("archive_unreadable");
    const begin = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    if (begin + packed > bytes.length) throw refuse("archive_unreadable");
    const raw = bytes.subarray(begin, begin + packed);
    const data = method === 0 ? raw : inflateRawSync(raw, { maxOutputLength: Math.max(1, left) });
    if (data.length !== size || crc32(data) !== crc) throw refuse("archive_unreadable");
    left -= data.length;
    files.push({ path, bytes: data });
  }
  return files;
}

const BLOCK = 512;

function octal(header: Buffer, from: number, to: number): number {
  const digits = header.toString("latin1", from, to).replaceAll("\0", " ").trim();
  if (!/^[0-7]{0,12}$/.test(digits)) throw refuse("archive_unreadable");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

const cut = (bytes: Buffer): Buffer => {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
};

/** The path that a pax header gives the next entry: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
function paxPath(data: Buffer): string | undefined {
  let path: string | undefined;
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(data.toString("latin1", at, space));
    if (!Number.isSafeInteger(length) || length <= space - at || at + length > data.length)
      throw refuse("archive_unreadable");
    const record = text.decode(data.subarray(space + 1, at + length - 1));
    if (record.startsWith("path=")) path = record.slice("path=".length);
    // What is larger than a header can say is larger than what is taken.
    if (record.startsWith("size=")) throw refuse("archive_too_large", { maxBytes: MAX_UNPACKED_BYTES });
    at += length;
  }
  return path;
}

function untar(bytes: Buffer, isWanted: (path: string) => boolean): ImportedFile[] {
  if (bytes.length > MAX_UNPACKED_BYTES) throw refuse("archive_too_large", { maxBytes: MAX_UNPACKED_BYTES });
  const files: ImportedFile[] = [];
  let next: string | undefined;
  let count = 0;
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const sum = header.reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 0x20 : byte), 0);
    if (sum !== octal(header, 148, 156)) throw refuse("archive_unreadable");
    const size = octal(header, 124, 136);
    const begin = at + BLOCK;
    if (begin + size > bytes.length) throw refuse("archive_unreadable");
    const data = bytes.subarray(begin, begin + size);
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
    countEntry((count += 1));
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "g") continue;
    if (type === "x") {
      next = paxPath(data) ?? next;
      continue;
    }
    if (type === "L") {
      next = text.decode(cut(data));
      continue;
    }
    const isUstar = header.toString("latin1", 257, 262) === "ustar";
    const prefix = isUstar ? text.decode(cut(header.subarray(345, 500))) : "";
    const name = text.decode(cut(header.subarray(0, 100)));
    const path = checkedPath(next ?? (prefix === "" ? name : `${prefix}/${name}`));
    next = undefined;
    if (type === "5") continue;
    if (type !== "0" && type !== "\0") throw refuse("archive_link", { path });
    if (!path.endsWith("/") && isWanted(path)) files.push({ path, bytes: data });
  }
  if (count === 0) throw refuse("archive_unreadable");
  return files;
}
