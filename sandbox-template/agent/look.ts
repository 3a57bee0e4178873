/** Where the files that STUDIO_PATHS names really are, and what is in them: `node files.mjs look` prints it as JSON. */
import { isUtf8 } from "node:buffer";
import fs from "node:fs";
import path from "node:path";

/** So much of each file's text is printed, and of all of them. */
const MAX_TEXT_BYTES = 500_000;
const MAX_TEXTS_BYTES = 1_000_000;
/** A larger file is not read. */
const MAX_READ_BYTES = 64 * 2 ** 20;
const MAX_LINKS = 40;
/** U+FFFD as it stands in a file that really has it. */
const REPLACEMENT = Buffer.from("\uFFFD");

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/** The place of a path, links followed, also of what is not there yet. @throws where links lead in a circle */
export function realOf(place: string, links = 0): string {
  if (links > MAX_LINKS) throw new Error("links lead in a circle");
  try {
    return fs.realpathSync(place);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  const target = linkOf(place);
  const folder = path.dirname(place);
  // Writing through a link to nothing makes what it names.
  if (target !== undefined) return realOf(path.resolve(realOf(folder, links + 1), target), links + 1);
  return path.join(realOf(folder, links), path.basename(place));
}

function linkOf(place: string): string | undefined {
  try {
    return fs.readlinkSync(place);
  } catch {
    return undefined;
  }
}

/** How many bytes become others where they are read as UTF-8 and written back. */
function lostOf(bytes: Buffer): number {
  if (isUtf8(bytes)) return 0;
  let own = 0;
  for (let at = bytes.indexOf(REPLACEMENT); at !== -1; at = bytes.indexOf(REPLACEMENT, at + 3)) own += 3;
  return bytes.length - own - Buffer.byteLength(bytes.toString("utf8").replaceAll("\uFFFD", ""));
}

let left = MAX_TEXTS_BYTES;

function lookAt(place: string) {
  try {
    const real = realOf(place);
    const stat = fs.statSync(real, { throwIfNoEntry: false });
    if (!stat) return { path: place, real, kind: "none" };
    if (!stat.isFile()) return { path: place, real, kind: "other" };
    if (stat.size > MAX_READ_BYTES) return { path: place, real, kind: "unknown" };
    const bytes = fs.readFileSync(real);
    const lost = lostOf(bytes);
    const shown = lost === 0 && bytes.length <= Math.min(MAX_TEXT_BYTES, left);
    if (shown) left -= bytes.length;
    return { path: place, real, kind: "file", lost, ...(shown && { text: bytes.toString("utf8") }) };
  } catch {
    return { path: place, kind: "unknown" };
  }
}

/** Prints what is known of each path. @param paths JSON: absolute ones */
export function look(paths: string): void {
  process.stdout.write(JSON.stringify((JSON.parse(paths) as string[]).map(lookAt)));
}
