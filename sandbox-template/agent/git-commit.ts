import fs from "node:fs";
import path from "node:path";
import {
  type Failed,
  git,
  gone,
  type InFolder,
  isRepository,
  lineOf,
  literally,
  PATHS_FROM_INPUT,
  placeOf,
  type Ran,
} from "./git-run.ts";

interface Wanted extends InFolder {
  message: string;
  author: string;
  /** Whole files. */
  paths?: string[];
  /** Changes of others, as `git diff` writes them against the last commit. */
  patch?: string;
}

/** Puts chosen changes into an index. */
function stage(place: string, { paths = [], patch }: Wanted, index?: string): Ran {
  const of = index === undefined ? {} : { index };
  const begun: Ran = { ok: true, out: Buffer.alloc(0), words: "" };
  const added =
    paths.length === 0
      ? begun
      : git(place, ["add", "--all", ...PATHS_FROM_INPUT], { input: literally(paths), ...of });
  if (!added.ok || patch === undefined) return added;
  return git(place, ["apply", "--cached", "--whitespace=nowarn", "-"], { input: patch, ...of });
}

const write = (place: string, { author }: Wanted, file: string, more: readonly string[]) => [
  "commit",
  "-q",
  "--no-verify",
  "--cleanup=whitespace",
  "--author",
  author,
  "-F",
  file,
  ...more,
];

/** Commits some changes of files whose other changes stay: what is committed is put together in an index of its own. */
function commitParts(place: string, wanted: Wanted, message: string): Ran {
  const index = path.join(place, ".git", `studio-index-${process.pid}`);
  try {
    const begun = git(place, ["read-tree", "HEAD"], { index });
    if (!begun.ok) return begun;
    const staged = stage(place, wanted, index);
    if (!staged.ok) return staged;
    const made = git(place, write(place, wanted, message, []), { index });
    // The repository's own index gets the same; where that was staged there before, nothing is left to do.
    if (made.ok) stage(place, wanted);
    return made;
  } finally {
    fs.rmSync(index, { force: true });
  }
}

const MAX_LOOKED_AT = 5_000_000;

/** Whether both sides of a conflict still stand in a file, with git's marks around them. */
function hasMarks(file: string): boolean {
  const found = fs.lstatSync(file, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size > MAX_LOOKED_AT) return false;
  const text = fs.readFileSync(file, "latin1");
  return /^<{7} /m.test(text) && /^>{7} /m.test(text);
}

/** Why a merge cannot be committed in this way; null where it can. */
function mergeFault(place: string, { paths, patch }: Wanted): string | null {
  if (paths !== undefined || patch !== undefined)
    return "An update waits to be committed: commit all of it, or abandon it.";
  const listed = git(place, ["diff", "--name-only", "--diff-filter=U", "-z"])
    .out.toString("utf8")
    .split("\0");
  const left = listed.filter((file) => file !== "" && hasMarks(path.join(place, file)));
  return left.length === 0 ? null : `Conflicts aren't resolved yet in ${left.slice(0, 10).join(", ")}.`;
}

/** Commits some files or some of their changes, or all that has changed. */
export function commit(wanted: Wanted): { commit: string | null } | Failed {
  const { folder, message, paths, patch } = wanted;
  const place = placeOf(folder);
  if (!isRepository(place)) return gone(folder);
  const isMerge = fs.existsSync(path.join(place, ".git/MERGE_HEAD"));
  const fault = isMerge ? mergeFault(place, wanted) : null;
  if (fault !== null) return { words: fault };
  // The message goes in by a file, since the list of paths takes the input.
  const file = path.join(place, ".git", `studio-message-${process.pid}`);
  fs.writeFileSync(file, message);
  try {
    if (patch !== undefined) {
      const made = commitParts(place, wanted, file);
      return made.ok ? { commit: lineOf(place, ["rev-parse", "HEAD"]) } : { words: made.words };
    }
    const list = paths === undefined ? ["--", "."] : PATHS_FROM_INPUT;
    const given = paths === undefined ? {} : { input: literally(paths) };
    const added = git(place, ["add", "--all", ...list], given);
    if (!added.ok) return { words: added.words };
    if (!isMerge && git(place, ["diff", "--cached", "--quiet"]).ok) return { commit: null };
    const only = paths === undefined ? [] : ["--only", ...list];
    const made = git(place, write(place, wanted, file, only), given);
    if (!made.ok) return { words: made.words };
  } finally {
    fs.rmSync(file, { force: true });
  }
  return { commit: lineOf(place, ["rev-parse", "HEAD"]) };
}
