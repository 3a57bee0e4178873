import fs from "node:fs";
import path from "node:path";
import { git, gone, type InFolder, isRepository, lineOf, placeOf, type Ran, trackedOf } from "./git-run.ts";

const MAX_FILES = 2_000;
const MAX_PATCH_BYTES = 2_000_000;
const PUSH_MS = 5 * 60_000;

interface Compared extends InFolder {
  /** What the workspace is compared with: a commit. */
  base: string;
  /** A commit whose own changes are wanted instead. */
  commit?: string;
  /** A branch of the server, whose last state that was fetched is compared with, from where both parted. */
  ref?: string;
  path?: string;
}

interface ChangedFile {
  path: string;
  from?: string;
  /** What git says of it in the index, and in the workspace: a letter of `git status`, or `.`. */
  staged: string;
  unstaged: string;
}

/** The entries of `git status --porcelain=v2 -z`: https://git-scm.com/docs/git-status#_porcelain_format_version_2 */
function entriesOf(text: string): ChangedFile[] {
  const parts = text.split("\0");
  const files: ChangedFile[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] ?? "";
    const kind = part[0];
    if (kind === "?") files.push({ path: part.slice(2), staged: ".", unstaged: "?" });
    if (kind !== "1" && kind !== "2" && kind !== "u") continue;
    const fields = part.split(" ");
    const [, marks = ".."] = fields;
    const skipped = kind === "1" ? 8 : kind === "2" ? 9 : 10;
    const file = fields.slice(skipped).join(" ");
    const from = kind === "2" ? parts[(at += 1)] : undefined;
    files.push({
      path: file,
      ...(from !== undefined && { from }),
      staged: kind === "u" ? "U" : (marks[0] ?? "."),
      unstaged: kind === "u" ? "U" : (marks[1] ?? "."),
    });
  }
  return files;
}

/** What has changed in a repository, and where its branch stands. */
export function status({ folder, base }: InFolder & { base: string }) {
  const place = placeOf(folder);
  if (!isRepository(place)) return gone(folder);
  const ran = git(place, ["status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-ahead-behind"]);
  if (!ran.ok) return { words: ran.words };
  const files = entriesOf(ran.out.toString("utf8"));
  const ahead = lineOf(place, ["rev-list", "--count", `${base}..HEAD`, "--"]);
  const branch = lineOf(place, ["symbolic-ref", "--short", "-q", "HEAD"]);
  const log = git(place, ["log", "-n", "20", "--format=%H%x00%s%x00", `${base}..HEAD`, "--"]);
  const words = log.ok ? log.out.toString("utf8").split("\0") : [];
  return {
    branch: branch === "" ? null : branch,
    head: lineOf(place, ["rev-parse", "--verify", "-q", "HEAD"]),
    ahead: ahead === null ? null : Number(ahead),
    commits: Array.from({ length: Math.floor(words.length / 2) }, (_, index) => ({
      commit: (words[2 * index] ?? "").trim(),
      subject: (words[2 * index + 1] ?? "").slice(0, 200),
    })),
    merging: fs.existsSync(path.join(place, ".git/MERGE_HEAD")),
    files: files.slice(0, MAX_FILES),
    truncated: files.length > MAX_FILES,
  };
}

const DIFF = ["--no-ext-diff", "--no-textconv", "--no-color", "--find-renames"];

/** All that differs from `base`, by any author; an index of its own has what nobody has staged yet, too. */
function changesIn({ folder, base, commit, ref, path: file }: Compared, more: readonly string[]) {
  const place = placeOf(folder);
  if (!isRepository(place)) return gone(folder);
  const paths = file === undefined ? [] : [`:(literal)${file}`];
  const asPatch = (ran: Ran) => (ran.ok ? { patch: ran.out.toString("base64") } : { words: ran.words });
  if (commit !== undefined) {
    const own = ["show", "--first-parent", "-m", "--format=", ...DIFF, ...more, commit, "--", ...paths];
    return asPatch(git(place, own, { maxBytes: MAX_PATCH_BYTES }));
  }
  const parted = ref === undefined ? null : lineOf(place, ["merge-base", trackedOf(ref), "HEAD"]);
  const index = path.join(place, ".git", `studio-index-${process.pid}`);
  try {
    const own = path.join(place, ".git/index");
    if (fs.existsSync(own)) fs.copyFileSync(own, index);
    const added = git(place, ["add", "--intent-to-add", "--", "."], { index });
    if (!added.ok) return { words: added.words };
    const args = ["diff", ...DIFF, ...more, parted ?? base, "--", ...paths];
    return asPatch(git(place, args, { index, maxBytes: MAX_PATCH_BYTES }));
  } finally {
    fs.rmSync(index, { force: true });
  }
}

/** As `git apply` takes it. */
export const patch = (wanted: Compared) => changesIn(wanted, ["--binary", "--full-index"]);

/** As people read it. */
export const diff = (wanted: Compared) => changesIn(wanted, []);

/** Pushes what is committed to a branch. */
export function push({ folder, branch }: InFolder & { branch: string }) {
  const place = placeOf(folder);
  if (!isRepository(place)) return gone(folder);
  const ran = git(place, ["push", "--no-verify", "--porcelain", "origin", `HEAD:refs/heads/${branch}`], {
    timeoutMs: PUSH_MS,
  });
  if (ran.ok) return { commit: lineOf(place, ["rev-parse", "HEAD"]) };
  // What became of the branch stands in the output, and why in the other.
  const rejected = /^!\s[^\n]*$/m.exec(ran.out.toString("utf8"))?.[0] ?? "";
  return {
    words: [rejected.replaceAll("\t", " "), ran.words]
      .filter((part) => part !== "")
      .join("\n")
      .slice(0, 1_500),
  };
}
