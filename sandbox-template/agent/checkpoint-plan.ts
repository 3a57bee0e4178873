import path from "node:path";
import { fateOf } from "#domain/rewind.ts";
import { DIRECTORY, NAMES_ONLY, type ObjectSink, parseTree, type TreeEntry } from "./checkpoint-objects.ts";
import { type Limits, type Seen, Walk } from "./checkpoint-walk.ts";

/** Everything in a folder by its path (a letter for each byte), folders too, each with git's mode and object. */
export type Listing = Map<string, { mode: number; oid: string }>;

const TYPE = 0o170000;
export const isFolder = ({ mode }: { mode: number }): boolean => (mode & TYPE) === DIRECTORY;

/** @param entriesOf the entries of trees, many at a time */
function list(root: string, entriesOf: (oids: string[]) => Map<string, TreeEntry[]>): Listing {
  const all: Listing = new Map();
  let level: { at: string; oid: string }[] = [{ at: "", oid: root }];
  while (level.length > 0) {
    const trees = entriesOf([...new Set(level.map(({ oid }) => oid))]);
    level = level.flatMap(({ at, oid }) =>
      (trees.get(oid) ?? []).flatMap((entry) => {
        const name = entry.name.toString("latin1");
        const place = at === "" ? name : `${at}/${name}`;
        // What a folder holds stands in the listing itself.
        all.set(place, { mode: entry.mode, oid: isFolder(entry) ? "" : entry.oid });
        return isFolder(entry) ? [{ at: place, oid: entry.oid }] : [];
      }),
    );
  }
  return all;
}

/** What a saved folder holds. @param read contents of objects */
export const listSaved = (root: string, read: (oids: string[]) => Map<string, Buffer>): Listing =>
  list(root, (oids) => new Map([...read(oids)].map(([oid, bytes]) => [oid, parseTree(bytes)])));

/** What a folder holds now, without storing anything. @param seen of an earlier look, which is not read again */
export function listNow(root: string, limits: Limits, seen: Seen): Listing {
  const trees = new Map<string, TreeEntry[]>();
  const sink: ObjectSink = {
    blob: NAMES_ONLY.blob,
    tree: (entries) => {
      const oid = NAMES_ONLY.tree(entries);
      trees.set(oid, entries);
      return oid;
    },
  };
  return list(new Walk(root, limits, seen, sink).run(), () => trees);
}

export interface Change {
  /** A letter for each byte. */
  place: string;
  kind: "added" | "changed" | "deleted";
  from: { mode: number; oid: string } | undefined;
  to: { mode: number; oid: string } | undefined;
}

const same = (a: Change["from"], b: Change["from"]): boolean => a?.mode === b?.mode && a?.oid === b?.oid;

/** What has to change so that one becomes the other, by path. @param own places of the workspace's root that stay */
export function changesBetween(from: Listing, to: Listing, own: readonly string[]): Change[] {
  const stays = new Set(own);
  const places = [...new Set([...from.keys(), ...to.keys()])].filter((place) => !stays.has(place));
  return places
    .filter((place) => !same(from.get(place), to.get(place)))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((place) => {
      const [before, after] = [from.get(place), to.get(place)];
      return {
        place,
        kind: before === undefined ? "added" : after === undefined ? "deleted" : "changed",
        from: before,
        to: after,
      };
    });
}

/** A path as people write it; bytes that are no text are shown as such. */
export const shown = (place: string): string => Buffer.from(place, "latin1").toString("utf8");

export interface Plan {
  /** What is to be done, in order. */
  changes: Change[];
  /** Of these, what a person has changed by hand and nobody has said a word about. */
  open: Set<string>;
  byHand: Set<string>;
}

/**
 * What a rewind changes.
 * @param base how the agent left the files: what differs from it now was changed by hand; without it that is not known,
 * and everything counts as changed by hand
 */
export function planOf(
  now: Listing,
  target: Listing,
  base: Listing | undefined,
  options: { own: readonly string[]; overwrite: readonly string[]; keep: readonly string[] },
): Plan {
  const all = changesBetween(now, target, options.own);
  const byHand = new Set<string>();
  const open = new Set<string>();
  const kept = new Set<string>();
  for (const { place, from, to } of all) {
    // A folder's own entry: only what is in it is anybody's work.
    if ((from === undefined || isFolder(from)) && (to === undefined || isFolder(to))) continue;
    if (base && same(from, base.get(place))) continue;
    byHand.add(place);
    const fate = fateOf(shown(place), options);
    if (fate === "open") open.add(place);
    else if (fate === "kept") kept.add(place);
  }
  return { changes: withoutKept(all, kept), open, byHand };
}

/** Leaves out what is kept, with whatever would be in its way: the folders it is in, and what is to be in its place. */
function withoutKept(changes: Change[], kept: Set<string>): Change[] {
  const above = new Set<string>();
  for (const place of kept)
    for (let folder = path.posix.dirname(place); folder !== "."; folder = path.posix.dirname(folder))
      above.add(folder);
  const isBelowKept = (place: string) => {
    for (let folder = path.posix.dirname(place); folder !== "."; folder = path.posix.dirname(folder))
      if (kept.has(folder)) return true;
    return false;
  };
  return changes.filter(({ place }) => !kept.has(place) && !above.has(place) && !isBelowKept(place));
}

/** The checkpoint doesn't have the one file that is asked for. */
export class NoSuchFile extends Error {}
