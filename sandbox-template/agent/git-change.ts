import fs from "node:fs";
import path from "node:path";
import {
  type Failed,
  git,
  gone,
  type InFolder,
  isRepository,
  literally,
  PATHS_FROM_INPUT,
  placeOf,
  trackedOf,
} from "./git-run.ts";

/** Puts files back as they were at the last commit; new ones that git does not know go. */
export function discard({ folder, paths }: InFolder & { paths: string[] }): { done: true } | Failed {
  const place = placeOf(folder);
  if (!isRepository(place)) return gone(folder);
  const asked = paths.map((one) => `:(literal)${one}`);
  const listed = git(place, ["ls-tree", "-z", "--name-only", "--full-tree", "HEAD", "--", ...asked]);
  if (!listed.ok) return { words: listed.words };
  const before = new Set(listed.out.toString("utf8").split("\0"));
  const known = paths.filter((one) => before.has(one));
  const added = paths.filter((one) => !before.has(one));
  if (known.length > 0) {
    const args = ["restore", "--source=HEAD", "--staged", "--worktree", ...PATHS_FROM_INPUT];
    const ran = git(place, args, { input: literally(known) });
    if (!ran.ok) return { words: ran.words };
  }
  if (added.length > 0) {
    const forget = ["rm", "-r", "-q", "--cached", "--force", "--ignore-unmatch", ...PATHS_FROM_INPUT];
    const forgotten = git(place, forget, { input: literally(added) });
    if (!forgotten.ok) return { words: forgotten.words };
    const cleaned = git(place, ["clean", "-f", "-d", "-q", "--", ...added.map((one) => `:(literal)${one}`)]);
    if (!cleaned.ok) return { words: cleaned.words };
  }
  return { done: true };
}

/** Takes changes back in the workspace, as `git diff` has written them: a file's, or one place of it. */
export function takeBack({ folder, patch }: InFolder & { patch: string }): { done: true } | Failed {
  const place = placeOf(folder);
  if (!isRepository(place)) return gone(folder);
  const ran = git(place, ["apply", "--reverse", "--whitespace=nowarn", "-"], { input: patch });
  return ran.ok ? { done: true } : { words: ran.words };
}

const FETCH_MS = 2 * 60_000;
const MAX_CONFLICTS = 500;

/**
 * Merges what has come meanwhile on the branch that the session began from.
 * @returns the files in which both have changed the same places: they wait for somebody to decide
 */
export function update({ folder, ref }: InFolder & { ref: string }): { conflicts: string[] } | Failed {
  const place = placeOf(folder);
  if (!isRepository(place)) return gone(folder);
  const tracked = trackedOf(ref);
  const fetch = ["fetch", "--no-recurse-submodules", "--no-write-fetch-head", "origin", `+${ref}:${tracked}`];
  const fetched = git(place, fetch, { timeoutMs: FETCH_MS });
  if (!fetched.ok) return { words: fetched.words };
  const message = `Merge ${ref.replace(/^refs\/heads\//, "")}`;
  const merge = ["merge", "--no-edit", "--no-stat", "--no-verify-signatures", "--no-verify", "-m", message];
  const merged = git(place, [...merge, tracked]);
  if (merged.ok) return { conflicts: [] };
  const both = git(place, ["diff", "--name-only", "--diff-filter=U", "-z"]);
  const conflicts = both.out
    .toString("utf8")
    .split("\0")
    .filter((file) => file !== "");
  if (conflicts.length === 0) return { words: merged.words || merged.out.toString("utf8").slice(-1_000) };
  return { conflicts: conflicts.slice(0, MAX_CONFLICTS) };
}

/** Ends a merge that waits for a decision: all is as it was before. */
export function abandon({ folder }: InFolder): { done: true } | Failed {
  const place = placeOf(folder);
  if (!isRepository(place)) return gone(folder);
  if (!fs.existsSync(path.join(place, ".git/MERGE_HEAD")))
    return { words: "There's no update that waits for a decision." };
  const ran = git(place, ["merge", "--abort"]);
  return ran.ok ? { done: true } : { words: ran.words };
}
