/**
 * `node archive.mjs` packs a folder as a zip, as STUDIO_ARCHIVE (JSON) says: `folder`, `file` to write, and `leaveOut`, the
 * one file that stays out. It prints JSON: how many files there are in it, or why there is no archive.
 */
import fs from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";

/** Beyond this many files it is no workspace that anybody packs. */
const MAX_ENTRIES = 500_000;
/** What can be installed again. */
const LEFT_OUT = "node_modules";

interface Wanted {
  folder: string;
  file: string;
  leaveOut: string;
}

class TooMany extends Error {}

/** A file's bytes; none where it has gone since it was listed. */
function bytesOf(file: string): Readable {
  try {
    return fs.createReadStream("", {
      fd: fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW),
    });
  } catch {
    return Readable.from([]);
  }
}

/** Adds what is in a folder: files with their rights, links as such, empty folders. */
function fill(zip: ZipFile, { folder, leaveOut }: Wanted): number {
  let count = 0;
  const visit = (at: string, name: string): void => {
    const entries = fs.readdirSync(at, { withFileTypes: true });
    if (entries.length === 0 && name !== "") {
      const { mode, mtime } = fs.lstatSync(at);
      zip.addEmptyDirectory(name, { mode, mtime });
    }
    for (const entry of entries) {
      const file = path.join(at, entry.name);
      if (entry.name === LEFT_OUT || file === leaveOut) continue;
      if ((count += 1) > MAX_ENTRIES) throw new TooMany();
      const inside = name === "" ? entry.name : `${name}/${entry.name}`;
      const info = fs.lstatSync(file, { throwIfNoEntry: false });
      if (!info) continue;
      const { mode, mtime } = info;
      if (info.isDirectory()) visit(file, inside);
      else if (info.isSymbolicLink())
        zip.addBuffer(Buffer.from(fs.readlinkSync(file)), inside, { mode, mtime, compress: false });
      else if (info.isFile())
        zip.addReadStreamLazy(inside, { mode, mtime }, (send) => send(null, bytesOf(file)));
    }
  };
  visit(folder, "");
  return count;
}

const wanted = JSON.parse(process.env["STUDIO_ARCHIVE"] ?? "{}") as Wanted;
const zip = new ZipFile();
try {
  const files = fill(zip, wanted);
  const written = pipeline(zip.outputStream, fs.createWriteStream(wanted.file));
  zip.end();
  await written;
  process.stdout.write(JSON.stringify({ files }));
} catch (error) {
  fs.rmSync(wanted.file, { force: true });
  const words =
    error instanceof TooMany
      ? `There are more than ${MAX_ENTRIES} files.`
      : error instanceof Error
        ? error.message
        : String(error);
  process.stdout.write(JSON.stringify({ words: words.slice(0, 500) }));
}
