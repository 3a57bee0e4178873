/**
 * `node files.mjs show <most>` prints as JSON what is at the path that STUDIO_PATH names and where that really is; of a
 * folder below STUDIO_ROOT also its entries, of whatever kind, however named. `node files.mjs look` prints what is known
 * of the files that STUDIO_PATHS names (look.ts).
 */
import fs from "node:fs";
import path from "node:path";
import { look, realOf } from "./look.ts";

const KINDS: readonly [(stat: fs.Stats) => boolean, string][] = [
  [(stat) => stat.isDirectory(), "folder"],
  [(stat) => stat.isFile(), "file"],
  [(stat) => stat.isSocket(), "socket"],
  [(stat) => stat.isFIFO(), "pipe"],
  [(stat) => stat.isBlockDevice() || stat.isCharacterDevice(), "device"],
];

const kindOf = (stat: fs.Stats): string => KINDS.find(([is]) => is(stat))?.[1] ?? "unknown";

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

const most = Number(process.argv[3]);
// oxlint-disable-next-line no-control-regex -- it is about them
const ASCII = /^[\0-\x7f]*$/;

function entryOf(folder: string, name: Buffer) {
  const place = Buffer.concat([Buffer.from(folder), Buffer.from(path.sep), name]);
  const own = attempt(() => fs.lstatSync(place));
  const link = own?.isSymbolicLink() ?? false;
  // A link that leads to something is of its kind.
  const target = link ? attempt(() => fs.statSync(place)) : own;
  const text = name.toString("utf8");
  return {
    name: text,
    ...(!Buffer.from(text).equals(name) && { nameBytes: name.toString("base64") }),
    kind: target ? kindOf(target) : link ? "link" : "unknown",
    size: own?.size ?? 0,
    modifiedAt: own ? Math.floor(own.mtimeMs) : null,
    link,
    readable: attempt(() => fs.accessSync(place, fs.constants.R_OK) === undefined) ?? false,
  };
}

function entriesOf(folder: string) {
  // A letter for each byte of a name: a buffer for each costs more than all else where there are very many.
  const all = fs.readdirSync(folder, { encoding: "latin1", withFileTypes: true });
  const named = all.map((entry) => ({
    name: entry.name,
    text: ASCII.test(entry.name) ? entry.name : Buffer.from(entry.name, "latin1").toString("utf8"),
    first: entry.isDirectory() ? 0 : 1,
  }));
  // Comparing by a language's rules is slow for very many.
  const compare =
    named.length > 5 * most ? (a: string, b: string) => (a < b ? -1 : 1) : new Intl.Collator("en").compare;
  // Folders first, and so among those that are listed where there are too many.
  named.sort((a, b) => a.first - b.first || compare(a.text, b.text));
  const listed = named.slice(0, most).map(({ name }) => entryOf(folder, Buffer.from(name, "latin1")));
  // What links lead to is known of these alone.
  const entries = [
    ...listed.filter(({ kind }) => kind === "folder"),
    ...listed.filter(({ kind }) => kind !== "folder"),
  ];
  return { entries, truncated: all.length > most };
}

function at(place: string, root: string) {
  const real = attempt(() => realOf(place));
  if (real === undefined) return { kind: "unknown" };
  let stat: fs.Stats | undefined;
  try {
    stat = fs.statSync(real, { throwIfNoEntry: false });
  } catch {
    return { real, kind: "unknown" };
  }
  if (!stat) return { real, kind: "none" };
  const facts = { real, kind: kindOf(stat), size: stat.size, modifiedAt: Math.floor(stat.mtimeMs) };
  const listed = facts.kind === "folder" && (real === root || real.startsWith(root + path.sep));
  return { ...facts, ...(listed && attempt(() => entriesOf(real))) };
}

if (process.argv[2] === "look") look(process.env["STUDIO_PATHS"] ?? "[]");
else if (process.argv[2] === "show" && Number.isSafeInteger(most))
  process.stdout.write(
    JSON.stringify(at(process.env["STUDIO_PATH"] ?? ".", process.env["STUDIO_ROOT"] ?? ".")),
  );
else process.exit(2);
