import { fateOf } from "./rewind.ts";

/** What a rewind changes: the same for a look at what is saved as for the act in the sandbox. */

/** Everything in a folder by its path (a letter for each byte), with git's mode and object; folders too, without one. */
export type Listing = Map<string, { mode: number; oid: string }>;

export const isFolder = ({ oid }: { oid: string }): boolean => oid === "";

export interface Change {
  /** A letter for each byte. */
  place: string;
  kind: "added" | "changed" | "deleted";
  from: { mode: number; oid: string } | undefined;
  to: { mode: number; oid: string } | undefined;
}

/** Whether two entries are the same, every bit of their permissions too. */
export const isSame = (a: Change["from"], b: Change["from"]): boolean =>
  a?.mode === b?.mode && a?.oid === b?.oid;

/** Whether a change is one of a file: a folder's own entry is nobody's work. */
export const isOfFile = ({ from, to }: Pick<Change, "from" | "to">): boolean =>
  (from !== undefined && !isFolder(from)) || (to !== undefined && !isFolder(to));

/** What has to change so that one becomes the other, by path. @param own places of the workspace's root that stay */
export function changesBetween(from: Listing, to: Listing, own: readonly string[]): Change[] {
  const stays = new Set(own);
  const places = [...new Set([...from.keys(), ...to.keys()])].filter((place) => !stays.has(place));
  return places
    .filter((place) => !isSame(from.get(place), to.get(place)))
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

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
/** A path as people write it; bytes that are no text are shown as such. */
export const shown = (place: string): string =>
  utf8.decode(Uint8Array.from(place, (letter) => letter.codePointAt(0)!));

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
    if (!isOfFile({ from, to })) continue;
    if (base && isSame(from, base.get(place))) continue;
    byHand.add(place);
    const fate = fateOf(shown(place), options);
    if (fate === "open") open.add(place);
    else if (fate === "kept") kept.add(place);
  }
  return { changes: withoutKept(all, kept), open, byHand };
}

/** The folders that a place is in, the closest first. */
function foldersAbove(place: string): string[] {
  const names = place.split("/");
  return names.slice(1).map((_, left) => names.slice(0, names.length - 1 - left).join("/"));
}

/** Leaves out what is kept, with whatever would be in its way: the folders it is in, and what is to be in its place. */
function withoutKept(changes: Change[], kept: Set<string>): Change[] {
  if (kept.size === 0) return changes;
  const above = new Set([...kept].flatMap(foldersAbove));
  return changes.filter(
    ({ place }) =>
      !kept.has(place) && !above.has(place) && !foldersAbove(place).some((folder) => kept.has(folder)),
  );
}

/** What is told of a plan: of its files, folders without a word. */
export function factsOf(
  { changes, open, byHand }: Plan,
  { maxListed, maxNamed }: { maxListed: number; maxNamed: number },
) {
  const files = changes.filter(isOfFile);
  const counts = { added: 0, changed: 0, deleted: 0 };
  for (const { kind } of files) counts[kind] += 1;
  return {
    counts,
    listed: files.slice(0, maxListed).map(({ place, kind }) => ({
      path: shown(place),
      change: kind,
      byHand: byHand.has(place),
    })),
    open: [...open].slice(0, maxNamed).map(shown),
    openCount: open.size,
  };
}
