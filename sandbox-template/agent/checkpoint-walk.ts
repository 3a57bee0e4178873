import fs from "node:fs";
import path from "node:path";
import { DIRECTORY, SYMLINK, type TreeEntry } from "#net/git-tree.ts";
import type { ObjectSink } from "./checkpoint-objects.ts";

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

/** A path, or a name, as text where it is UTF-8, else by its bytes. */
type Place = string | Buffer;

interface Found {
  place: Place;
  name: Place;
  mode: number;
  size: number;
  /** Null where they may hide a change. */
  facts: fs.Stats | null;
  /** Of a folder. */
  entries?: Found[];
  /** True where it was found to be too much. */
  out?: boolean;
}

/**
 * What is known from before, by path. Of a file its facts, which change with it, and its object; of a folder (its path
 * ends with a slash) its mode, nothing, how many entries it had, nothing, and its tree.
 */
export type Seen = Map<string, Known>;
type Known = readonly [mtimeMs: number, ctimeMs: number, size: number, ino: number, oid: string];

const SLASH = Buffer.from("/");
/** U+FFFD: what stands in a text for bytes that are not UTF-8. */
const REPLACEMENT = "\uFFFD";
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
  /** Whether the object that was taken last is the one before, of the same name and mode. */
  #isKept = false;

  constructor(root: string, limits: Limits, before: Seen, sink: ObjectSink) {
    this.#root = root;
    this.#limits = limits;
    this.#skip = new Set(limits.skip);
    this.#before = before;
    this.#sink = sink;
  }

  /** @returns the object of the folder's tree */
  run(): string {
    const found = this.#look(this.#root);
    this.#cut(found);
    return this.#take(this.#root, DIRECTORY, found);
  }

  #miss(place: Place, reason: LeftOut["reason"], bytes = 0): void {
    const text = path.relative(this.#root, place.toString());
    this.leftOut.push({ path: text.slice(0, MAX_PATH_CHARS), reason, bytes });
  }

  #look(folder: Place): Found[] {
    let listed: Place[];
    try {
      listed = namesIn(folder);
    } catch {
      this.#miss(folder, "unreadable");
      return [];
    }
    const found: Found[] = [];
    for (const name of listed) {
      if (this.#skip.has(typeof name === "string" ? name : name.toString("latin1"))) continue;
      const place = placeIn(folder, name);
      const stat = fs.lstatSync(place, { throwIfNoEntry: false });
      // Gone since it was listed.
      if (!stat) continue;
      const permissions = stat.mode & PERMISSIONS;
      // Facts that are as young as this look may hide a change.
      const isYoung = stat.ctimeMs > this.#startedMs - RACY_MS;
      const base = { place, name, facts: isYoung ? null : stat };
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

  /** @returns the folder's tree, which is the one before where nothing in it has changed */
  #take(place: Place, mode: number, found: Found[]): string {
    const key = `${keyOf(place)}/`;
    const before = this.#before.get(key);
    let count = 0;
    let isSame = before?.[0] === mode;
    const oids = found.map((one) => {
      const oid = this.#objectOf(one);
      if (oid === null) return null;
      count += 1;
      isSame &&= this.#isKept;
      return oid;
    });
    isSame &&= before?.[2] === count;
    const oid =
      before && isSame && this.#sink.holds?.(before[4]) ? before[4] : this.#sink.tree(entriesOf(found, oids));
    this.seen.set(key, [mode, 0, count, 0, oid]);
    this.#isKept = isSame;
    return oid;
  }

  #objectOf(one: Found): string | null {
    if (one.out) return null;
    return one.entries ? this.#take(one.place, one.mode, one.entries) : this.#blob(one);
  }

  #blob({ place, mode, size, facts }: Found): string | null {
    const key = keyOf(place);
    const before = this.#before.get(key);
    this.#isKept = before !== undefined && facts !== null && isAsBefore(before, facts);
    if (before && this.#isKept) {
      this.seen.set(key, before);
      return before[4];
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
    if (facts) this.seen.set(key, [facts.mtimeMs, facts.ctimeMs, facts.size, facts.ino, oid]);
    return oid;
  }
}

const bytesOf = (place: Place): Buffer => (typeof place === "string" ? Buffer.from(place) : place);
/** No path has a NUL in it. */
const keyOf = (place: Place): string => (typeof place === "string" ? place : `\0${place.toString("latin1")}`);

const placeIn = (folder: Place, name: Place): Place =>
  typeof folder === "string" && typeof name === "string"
    ? `${folder}/${name}`
    : Buffer.concat([bytesOf(folder), SLASH, bytesOf(name)]);

const isAsBefore = ([mtimeMs, ctimeMs, size, ino]: Known, facts: fs.Stats): boolean =>
  mtimeMs === facts.mtimeMs && ctimeMs === facts.ctimeMs && size === facts.size && ino === facts.ino;

/** Names as texts cost a third of what they do by their bytes. */
function namesIn(folder: Place): Place[] {
  const names = fs.readdirSync(folder);
  return names.some((name) => name.includes(REPLACEMENT)) ? fs.readdirSync(folder, "buffer") : names;
}

const entriesOf = (found: Found[], oids: (string | null)[]): TreeEntry[] =>
  found.flatMap(({ mode, name }, index) => {
    const oid = oids[index] ?? null;
    return oid === null ? [] : [{ mode, name: bytesOf(name), oid }];
  });

function* allFiles(found: Found[]): Generator<Found> {
  for (const one of found) {
    if (one.entries) yield* allFiles(one.entries);
    else if (one.mode !== SYMLINK) yield one;
  }
}

/** A file's bytes, as far as they are looked at: it may grow meanwhile. It is opened as the file that it was. */
function readUpTo(place: Place, maxBytes: number): Buffer {
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
