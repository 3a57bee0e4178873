import { isTree, parseTree, type TreeEntry } from "#net/git-tree.ts";
import type { Listing } from "#domain/rewind-plan.ts";
import { NAMES_ONLY, type ObjectSink } from "./checkpoint-objects.ts";
import { type Limits, type Seen, Walk } from "./checkpoint-walk.ts";

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
        all.set(place, { mode: entry.mode, oid: isTree(entry) ? "" : entry.oid });
        return isTree(entry) ? [{ at: place, oid: entry.oid }] : [];
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
