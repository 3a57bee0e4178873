/**
 * `node files.mjs list <most>` prints the entries of the folder that STUDIO_PATH names, as JSON: of whatever kind, however
 * named. `node files.mjs look` prints what is known of the files that STUDIO_PATHS names (look.ts).
 */
import fs from "node:fs";
import path from "node:path";
import { look } from "./look.ts";

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

const folder = Buffer.from(process.env["STUDIO_PATH"] ?? ".");
const most = Number(process.argv[3]);

function entryOf(name: Buffer) {
  const place = Buffer.concat([folder, Buffer.from(path.sep), name]);
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

function list(): void {
  const all = fs.readdirSync(folder, { encoding: "buffer", withFileTypes: true });
  // Folders first, and so among those that are listed where there are too many.
  const order = new Intl.Collator("en");
  const named = all.map((entry) => ({
    entry,
    text: entry.name.toString("utf8"),
    first: entry.isDirectory() ? 0 : 1,
  }));
  // Comparing by a language's rules is slow for very many.
  const compare = named.length > 5 * most ? (a: string, b: string) => (a < b ? -1 : 1) : order.compare;
  named.sort((a, b) => a.first - b.first || compare(a.text, b.text));
  const listed = named.slice(0, most).map(({ entry }) => entryOf(entry.name));
  // What links lead to is known of these alone.
  const entries = [
    ...listed.filter(({ kind }) => kind === "folder"),
    ...listed.filter(({ kind }) => kind !== "folder"),
  ];
  process.stdout.write(JSON.stringify({ entries, truncated: all.length > most }));
}

if (process.argv[2] === "look") look(process.env["STUDIO_PATHS"] ?? "[]");
else if (process.argv[2] === "list" && Number.isSafeInteger(most)) list();
else process.exit(2);
