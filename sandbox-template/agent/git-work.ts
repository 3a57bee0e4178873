import fs from "node:fs";
import path from "node:path";
import { git, placeOf } from "./git-run.ts";

const MAX_FILES = 2_000;
const MAX_PATCH_BYTES = 2_000_000;
const PUSH_MS = 5 * 60_000;

interface InFolder {
  folder: string;
}

interface Compared extends InFolder {
  /** What it is compared with: a commit. */
  base: string;
  path?: string;
}

interface Failed {
  words: string;
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

const lineOf = (place: string, args: readonly string[]): string | null => {
  const ran = git(place, args);
  return ran.ok ? ran.out.toString("utf8").trim() : null;
};

/** Whether there is a repository of its own: git would look for one further up. */
const isRepository = (place: string): boolean => fs.existsSync(path.join(place, ".git"));

const gone = (folder: string): Failed => ({ words: `There's no repository in ${folder}/ any more.` });

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
    files: files.slice(0, MAX_FILES),
    truncated: files.length > MAX_FILES,
  };
}

const DIFF = ["--no-ext-diff", "--no-textconv", "--no-color", "--find-renames"];

/** All that differs from `base`, by any author; an index of its own has what nobody has staged yet, too. */
function changesIn({ folder, base, path: file }: Compared, more: readonly string[]) {
  const place = placeOf(folder);
  if (!isRepository(place)) return gone(folder);
  const index = path.join(place, ".git", `studio-index-${process.pid}`);
  try {
    const own = path.join(place, ".git/index");
    if (fs.existsSync(own)) fs.copyFileSync(own, index);
    const added = git(place, ["add", "--intent-to-add", "--", "."], { index });
    if (!added.ok) return { words: added.words };
    const paths = file === undefined ? [] : [`:(literal)${file}`];
    const args = ["diff", ...DIFF, ...more, base, "--", ...paths];
    const ran = git(place, args, { index, maxBytes: MAX_PATCH_BYTES });
    return ran.ok ? { patch: ran.out.toString("base64") } : { words: ran.words };
  } finally {
    fs.rmSync(index, { force: true });
  }
}

/** As `git apply` takes it. */
export const patch = (wanted: Compared) => changesIn(wanted, ["--binary", "--full-index"]);

/** As people read it. */
export const diff = (wanted: Compared) => changesIn(wanted, []);

/** Commits some files, or all that has changed. */
export function commit({
  folder,
  message,
  paths,
  author,
}: InFolder & { message: string; paths?: string[]; author: string }): { commit: string | null } | Failed {
  const place = placeOf(folder);
  if (!isRepository(place)) return gone(folder);
  const named = paths ? `${paths.map((one) => `:(literal)${one}`).join("\0")}\0` : undefined;
  const list = named === undefined ? ["--", "."] : ["--pathspec-from-file=-", "--pathspec-file-nul"];
  const given = named === undefined ? {} : { input: named };
  const added = git(place, ["add", "--all", ...list], given);
  if (!added.ok) return { words: added.words };
  const staged = git(place, ["diff", "--cached", "--quiet"]);
  if (staged.ok) return { commit: null };
  const only = named === undefined ? [] : ["--only", ...list];
  // The message goes in by a file, since the list of paths takes the input.
  const file = path.join(place, ".git", `studio-message-${process.pid}`);
  fs.writeFileSync(file, message);
  try {
    const made = git(
      place,
      ["commit", "-q", "--no-verify", "--cleanup=whitespace", "--author", author, "-F", file, ...only],
      given,
    );
    if (!made.ok) return { words: made.words };
  } finally {
    fs.rmSync(file, { force: true });
  }
  return { commit: lineOf(place, ["rev-parse", "HEAD"]) };
}

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
