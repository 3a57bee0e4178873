import fs from "node:fs";
import path from "node:path";
import { DIRECTORY, type ObjectSink, SYMLINK, type TreeEntry } from "./checkpoint-objects.ts";

/** What a checkpoint may hold, and what it leaves out by name. */
export interface Limits {
  /** Names that are left out, in whatever folder: what can be made again. */
  skip: readonly string[];
  maxFileBytes: number;
  maxBytes: number;
  maxFiles: number;
}

export interface LeftOut {
  path: string;
  reason: "large" | "total" | "many" | "special" | "unreadable";
  bytes: number;
}

interface Found {
  place: Buffer;
  name: Buffer;
  mode: number;
  size: number;
  /** Changes with the file, as far as its facts tell. */
  signature: string;
  /** Of a folder. */
  entries?: Found[];
  /** True where it was found to be too much. */
  out?: boolean;
}

/** What is known of files from before: by path (a letter for each byte), their signature and their object. */
export type Seen = Map<string, readonly [signature: string, oid: string]>;

const SLASH = Buffer.from("/");
/** Permissions that are kept; those of another user's program are not. */
const PERMISSIONS = 0o777;
/** A file that was changed so shortly before may change again within the same tick of its clock. */
const RACY_MS = 100;
const MAX_PATH_CHARS = 300;

/** Takes a folder's state into objects: every file with its bytes and its permissions, links as links, empty folders too. */
export class Walk {
  readonly leftOut: LeftOut[] = [];
  readonly seen: Seen = new Map();
  files = 0;
  bytes = 0;
  readonly #root: string;
  readonly #limits: Limits;
  readonly #skip: Set<string>;
  readonly #before: Seen;
  readonly #sink: ObjectSink;
  readonly #startedMs = Date.now();

  constructor(root: string, limits: Limits, before: Seen, sink: ObjectSink) {
    this.#root = root;
    this.#limits = limits;
    this.#skip = new Set(limits.skip);
    this.#before = before;
    this.#sink = sink;
  }

  /** @returns the object of the folder's tree */
  run(): string {
    const found = this.#look(Buffer.from(this.#root));
    this.#cut(found);
    return this.#sink.tree(this.#take(found));
  }

  #miss(place: Buffer, reason: LeftOut["reason"], bytes = 0): void {
    const text = path.relative(this.#root, place.toString("utf8"));
    this.leftOut.push({ path: text.slice(0, MAX_PATH_CHARS), reason, bytes });
  }

  #look(folder: Buffer): Found[] {
    let listed: fs.Dirent<Buffer>[];
    try {
      listed = fs.readdirSync(folder, { encoding: "buffer", withFileTypes: true });
    } catch {
      this.#miss(folder, "unreadable");
      return [];
    }
    const found: Found[] = [];
    for (const { name } of listed) {
      if (this.#skip.has(name.toString("latin1"))) continue;
      const place = Buffer.concat([folder, SLASH, name]);
      const stat = fs.lstatSync(place, { throwIfNoEntry: false });
      // Gone since it was listed.
      if (!stat) continue;
      const permissions = stat.mode & PERMISSIONS;
      // Facts that are as young as this look may hide a change.
      const isYoung = stat.ctimeMs > this.#startedMs - RACY_MS;
      const signature = isYoung ? "" : `${stat.mtimeMs} ${stat.ctimeMs} ${stat.size} ${stat.ino}`;
      const base = { place, name, signature };
      if (stat.isDirectory())
        found.push({ ...base, mode: DIRECTORY | permissions, size: 0, entries: this.#look(place) });
      else if (stat.isSymbolicLink()) found.push({ ...base, mode: SYMLINK, size: stat.size });
      else if (!stat.isFile()) this.#miss(place, "special");
      else if (stat.size > this.#limits.maxFileBytes) this.#miss(place, "large", stat.size);
      else if (this.files >= this.#limits.maxFiles) this.#miss(place, "many", stat.size);
      else {
        this.files += 1;
        this.bytes += stat.size;
        found.push({ ...base, mode: 0o100000 | permissions, size: stat.size });
      }
    }
    return found;
  }

  /** Where all of it is too much, the largest files are left out, until the rest is not. */
  #cut(found: Found[]): void {
    if (this.bytes <= this.#limits.maxBytes) return;
    const files = [...allFiles(found)].toSorted((a, b) => b.size - a.size);
    for (const file of files) {
      if (this.bytes <= this.#limits.maxBytes) return;
      file.out = true;
      this.files -= 1;
      this.bytes -= file.size;
      this.#miss(file.place, "total", file.size);
    }
  }

  #take(found: Found[]): TreeEntry[] {
    const entries: TreeEntry[] = [];
    for (const one of found) {
      const oid = one.out ? null : one.entries ? this.#sink.tree(this.#take(one.entries)) : this.#blob(one);
      if (oid !== null) entries.push({ mode: one.mode, name: one.name, oid });
    }
    return entries;
  }

  #blob({ place, mode, size, signature }: Found): string | null {
    const key = place.toString("latin1");
    const before = this.#before.get(key);
    if (before && signature !== "" && before[0] === signature) {
      this.seen.set(key, before);
      return before[1];
    }
    let content: Buffer;
    try {
      content =
        mode === SYMLINK
          ? fs.readlinkSync(place, { encoding: "buffer" })
          : readUpTo(place, this.#limits.maxFileBytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.#miss(place, "unreadable", size);
      return null;
    }
    const oid = this.#sink.blob(content);
    if (signature !== "") this.seen.set(key, [signature, oid]);
    return oid;
  }
}

function* allFiles(found: Found[]): Generator<Found> {
  for (const one of found) {
    if (one.entries) yield* allFiles(one.entries);
    else if (one.mode !== SYMLINK) yield one;
  }
}

/** A file's bytes, as far as they are looked at: it may grow meanwhile. It is opened as the file that it was. */
function readUpTo(place: Buffer, maxBytes: number): Buffer {
  const file = fs.openSync(place, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  try {
    const stat = fs.fstatSync(file);
    if (!stat.isFile()) throw new Error("no longer a file");
    const content = Buffer.alloc(Math.min(stat.size, maxBytes));
    let length = 0;
    while (length < content.length) {
      const read = fs.readSync(file, content, length, content.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return content.subarray(0, length);
  } finally {
    fs.closeSync(file);
  }
}
