import { isBelow, RULES, skippedIn } from "#domain/checkpoint-rules.ts";
import { CHECKPOINT_LIMITS, NOT_SAVED } from "#domain/checkpoints.ts";
import { isSame, type Listing } from "#domain/rewind-plan.ts";
import { isTree, parseTree, treeOfCommit, type TreeEntry } from "#net/git-tree.ts";
import type { SavedWorkspace } from "./saved-workspace.ts";

/** What comes out of a sandbox may be made to unfold to far more than it is. */
const MAX_ENTRIES = 2 * CHECKPOINT_LIMITS.maxFiles;
const MAX_DEPTH = 2_048;

/** What is saved unfolds to more than a workspace can hold. */
class TooMany extends Error {}

/** Checkpoints by their commits: what is there now, what is gone back to, and how the last turn has left the files. */
interface Commits {
  now: string;
  to: string;
  base: string | null;
}
type Which = "now" | "to" | "base";
/** Git's names of one folder in each of them, where it is one. */
type Folder = { at: string } & Partial<Record<Which, string>>;

const NONE: ReadonlyMap<string, TreeEntry> = new Map();
const entriesIn = (tree: Buffer): ReadonlyMap<string, TreeEntry> =>
  new Map(parseTree(tree).map((entry) => [entry.name.toString("latin1"), entry]));

/** Names of the workspaces' trees, and of what one of them leaves out by name. @throws Error where one is no checkpoint */
async function rootsOf(saved: SavedWorkspace, commits: Commits) {
  const named = Object.entries(commits).filter((entry): entry is [Which, string] => entry[1] !== null);
  const rootOf = new Map<Which, string>();
  const objects = await saved.objects(named.map(([, commit]) => commit));
  for (const [which, commit] of named) {
    const root = treeOfCommit(objects.get(commit)!);
    if (root === undefined) throw new Error("no checkpoint");
    rootOf.set(which, root);
  }
  const trees = await saved.objects([...rootOf.values()]);
  const parts = [...rootOf].map(([which, root]) => ({ which, parts: entriesIn(trees.get(root)!) }));
  const rules = await saved.objects(parts.flatMap((one) => one.parts.get(RULES)?.oid ?? []));
  const skip = new Set<string>();
  const workspaces: Partial<Record<Which, string>> = {};
  for (const { which, parts: its } of parts) {
    const said = its.get(RULES)?.oid;
    // One from before it said so.
    for (const name of said === undefined ? NOT_SAVED : skippedIn(rules.get(said)!.toString("utf8")))
      skip.add(name);
    const workspace = its.get("workspace")?.oid;
    if (workspace === undefined) throw new Error("no checkpoint of a session");
    workspaces[which] = workspace;
  }
  return { workspaces, skip };
}

/**
 * What of two saved workspaces differs, every bit of their files' permissions too, and the same places in a third. What
 * one of them leaves out by name is left out of all: a rewind leaves it as it is.
 * @throws Error where what is saved can't be read, or unfolds to more than a workspace can hold
 */
export async function savedDifferences(
  saved: SavedWorkspace,
  commits: Commits,
): Promise<{ now: Listing; to: Listing; base: Listing | undefined }> {
  const { workspaces, skip } = await rootsOf(saved, commits);
  const found = { now: new Map(), to: new Map(), base: new Map() } satisfies Record<Which, Listing>;
  let level: Folder[] = [{ at: "", ...workspaces }];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw new TooMany();
    const wanted = level.flatMap(({ now, to, base }) => [now, to, base].filter((one) => one !== undefined));
    const trees = new Map(
      [...(await saved.objects([...new Set(wanted)]))].map(([oid, bytes]) => [oid, entriesIn(bytes)]),
    );
    const entriesOf = (oid: string | undefined) => (oid === undefined ? NONE : trees.get(oid)!);
    const below: Folder[] = [];
    for (const { at, ...folder } of level) {
      const [now, to, base] = [entriesOf(folder.now), entriesOf(folder.to), entriesOf(folder.base)];
      for (const name of new Set([...now.keys(), ...to.keys()])) {
        const entries = { now: now.get(name), to: to.get(name), base: base.get(name) };
        const place = at === "" ? name : `${at}/${name}`;
        if (isSame(entries.now, entries.to) || isBelow(skip, name)) continue;
        const inside: Folder = { at: place };
        for (const which of ["now", "to", "base"] as const) note(found[which], inside, which, entries[which]);
        if (inside.now !== inside.to) below.push(inside);
      }
      if (found.now.size + found.to.size > MAX_ENTRIES) throw new TooMany();
    }
    level = below;
  }
  return { ...found, base: commits.base === null ? undefined : found.base };
}

/** Notes an entry in a listing, where there is one; a folder is to be looked into. */
function note(listing: Listing, inside: Folder, which: Which, entry: TreeEntry | undefined): void {
  if (!entry) return;
  listing.set(inside.at, { mode: entry.mode, oid: isTree(entry) ? "" : entry.oid });
  if (isTree(entry)) inside[which] = entry.oid;
}
