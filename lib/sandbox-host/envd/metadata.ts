import fs from "node:fs";
import { createRequire } from "node:module";

/** Where the host shows the addon of fs-native-extensions: Node itself has no extended attributes. */
const ADDON = "/envd/attributes.node";
/** Where E2B's envd keeps a file's metadata. */
const PREFIX = "user.e2b.";
const HEADER = "x-metadata-";

/** The functions of fs-native-extensions 1.5's addon that are used here. */
interface Addon {
  listAttrsSync(fd: number): string[];
  getAttrSync(fd: number, name: string): ArrayBuffer | null;
  setAttrSync(fd: number, name: string, value: ArrayBufferLike, offset: number, length: number): void;
  removeAttrSync(fd: number, name: string): void;
}

let loaded: { addon: Addon | undefined } | undefined;

function addon(): Addon | undefined {
  try {
    loaded ??= { addon: createRequire(ADDON)(ADDON) as Addon };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    loaded = { addon: undefined };
  }
  return loaded.addon;
}

/** Opens a file for its attributes alone; undefined if it cannot be. Opening a pipe must not wait. */
function open(file: string): number | undefined {
  try {
    return fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return undefined;
    throw error;
  }
}

/** The metadata that a request's `X-Metadata-<key>` headers ask for. Node has put the names in lower case. */
export function askedMetadata(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(HEADER) && name.length > HEADER.length)
      .map(([name, value]) => [name.slice(HEADER.length), String(value)]),
  );
}

/** A file's metadata, or nothing: where it has none, cannot be read, or lies on a disk without attributes. */
export function readMetadata(file: string): Record<string, string> | undefined {
  const attributes = addon();
  const fd = attributes && open(file);
  if (fd === undefined) return undefined;
  try {
    const names = attributes?.listAttrsSync(fd).filter((name) => name.startsWith(PREFIX)) ?? [];
    if (names.length === 0) return undefined;
    const values = names.map((name) => Buffer.from(attributes?.getAttrSync(fd, name) ?? new ArrayBuffer(0)));
    return Object.fromEntries(names.map((name, i) => [name.slice(PREFIX.length), String(values[i])]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return undefined;
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Replaces all metadata of a file; without any there is nothing left. Throws where the disk takes none. */
export function writeMetadata(file: string, metadata: Record<string, string>): void {
  const attributes = addon();
  const isEmpty = Object.keys(metadata).length === 0;
  if (!attributes) {
    if (isEmpty) return;
    throw new Error("this host cannot store file metadata: it has no addon for this platform");
  }
  const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    for (const name of attributes.listAttrsSync(fd)) {
      if (name.startsWith(PREFIX)) attributes.removeAttrSync(fd, name);
    }
    for (const [name, value] of Object.entries(metadata)) {
      const { buffer, byteOffset, byteLength } = Buffer.from(value);
      attributes.setAttrSync(fd, PREFIX + name, buffer, byteOffset, byteLength);
    }
  } finally {
    fs.closeSync(fd);
  }
}
