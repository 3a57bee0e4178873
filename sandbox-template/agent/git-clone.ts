import fs from "node:fs";
import path from "node:path";
import { git, placeOf } from "./git-run.ts";

interface Wanted {
  url: string;
  repository: string;
  folder: string;
  /** A full ref; null for a commit that was named by its id. */
  base: { ref: string | null; commit: string };
  full: boolean;
  branch: string;
  /** True where nothing of it may be pushed. */
  isReadOnly?: boolean;
  /** Whether its folder may hold a clone already, which is brought up to date. */
  isPrepared: boolean;
  /** Whom commits name besides their author. */
  agent: string;
  timeoutMs: number;
}

interface Cloned {
  words?: string;
  submodules?: number;
  lfs?: boolean;
}

const MAX_ATTRIBUTES = 50;
const MAX_ATTRIBUTES_BYTES = 1_000_000;

/** Whether files of it are in Git LFS, by the attributes that say so. */
function usesLfs(place: string): boolean {
  const listed = git(place, ["ls-files", "-z", "--", ".gitattributes", "**/.gitattributes"]);
  const files = listed.out
    .toString("utf8")
    .split("\0")
    .filter((file) => file !== "");
  return files.slice(0, MAX_ATTRIBUTES).some((file) => {
    const shown = git(place, ["cat-file", "blob", `HEAD:${file}`], { maxBytes: MAX_ATTRIBUTES_BYTES });
    return /^[^#\n]*\bfilter=lfs\b/m.test(shown.out.toString("latin1"));
  });
}

function submodulesIn(place: string): number {
  const staged = git(place, ["ls-files", "--stage", "-z"], { maxBytes: 64_000_000 });
  return staged.out
    .toString("latin1")
    .split("\0")
    .filter((line) => line.startsWith("160000 ")).length;
}

/** Names the agent in each commit that is made in the sandbox, once. */
function nameAgent(place: string, agent: string): void {
  const hook = path.join(place, ".git/hooks/prepare-commit-msg");
  fs.mkdirSync(path.dirname(hook), { recursive: true });
  const trailer = `Co-authored-by: ${agent}`;
  fs.writeFileSync(
    hook,
    `#!/bin/sh\nexec git interpret-trailers --in-place --if-exists addIfDifferent --trailer '${trailer}' "$1"\n`,
    { mode: 0o755 },
  );
}

/** Says to the agent where the repository is: its instructions are read as text. */
function tellAgent({ folder, repository, branch, isReadOnly }: Wanted): void {
  const file = path.join(process.env["STUDIO_ROOT"] ?? ".", "CLAUDE.md");
  const rights = isReadOnly
    ? "It is there to be read: nothing can be pushed to it from here."
    : `${onBranch(branch)} which is this session's: commit and push there, and nowhere else.`;
  fs.appendFileSync(
    file,
    `\n## The repository ${repository}\nIt is in \`${folder}/\`. ${rights} Read its AGENTS.md or CLAUDE.md, if it has one, before you change anything in it.\n`,
  );
}

/** Says where the agent may push, in the words of `tellAgent`. */
const onBranch = (branch: string) => `It is on the branch \`${branch}\`,`;

/**
 * Has a copy of a repository, as another session has left it, stand on a branch of its own, and tells the agent so: the
 * other session's may not be pushed to from here.
 */
export function ownBranch({ folder, branch }: { folder: string; branch: string }): { words?: string } {
  const ran = git(placeOf(folder), ["checkout", "-q", "-b", branch]);
  // Where git won't, as in the middle of a merge, the person finds it as it was saved.
  if (!ran.ok) return { words: ran.words };
  const file = path.join(process.env["STUDIO_ROOT"] ?? ".", "CLAUDE.md");
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) return {};
  const here = `It is in \`${folder}/\`. `;
  const lines = fs.readFileSync(file, "utf8").split("\n");
  const told = lines.map((line) =>
    line.startsWith(here) ? line.replace(/It is on the branch `[^`]*`,/, () => onBranch(branch)) : line,
  );
  fs.writeFileSync(file, told.join("\n"));
  return {};
}

/** Clones a repository, on a new branch. Done again, it begins again, but for what a snapshot holds of it. */
export function clone(wanted: Wanted): Cloned {
  const { url, folder, base, full, branch, timeoutMs } = wanted;
  const place = placeOf(folder);
  const isThere = wanted.isPrepared && fs.existsSync(path.join(place, ".git/HEAD"));
  if (!isThere) {
    fs.rmSync(place, { recursive: true, force: true });
    fs.mkdirSync(place);
  }
  const isShallow = fs.existsSync(path.join(place, ".git/shallow"));
  const name = base.ref?.startsWith("refs/heads/") ? base.ref.slice("refs/heads/".length) : null;
  const all = "+refs/heads/*:refs/remotes/origin/*";
  const one = name === null ? [] : [`+refs/heads/${name}:refs/remotes/origin/${name}`];
  const begun = Date.now();
  const left = () => ({ timeoutMs: Math.max(1_000, timeoutMs - (Date.now() - begun)) });
  const fetch = [
    "fetch",
    "--no-recurse-submodules",
    "--no-write-fetch-head",
    ...(full ? (isShallow ? ["--unshallow"] : []) : ["--depth", "1"]),
  ];
  const tag = base.ref?.startsWith("refs/tags/") ? [`+${base.ref}:${base.ref}`] : [];
  const specs = [...(full ? [all] : one), ...tag, ...(base.ref === null ? [base.commit] : [])];
  const start = name === null ? (base.ref ?? base.commit) : `refs/remotes/origin/${name}`;
  const acts: readonly (readonly string[])[] = [
    ...(isThere
      ? [["remote", "set-url", "origin", url]]
      : [
          ["init", "-q", "--template=", "-b", branch],
          ["remote", "add", "origin", url],
        ]),
    ["config", "remote.origin.fetch", full || one.length === 0 ? all : (one[0] ?? all)],
    [...fetch, "origin", ...specs],
    // What set-up has changed of the repository's own files is not the session's work.
    ["checkout", "-q", "--force", "--no-track", "-B", branch, start],
  ];
  for (const args of acts) {
    const ran = git(place, args, left());
    if (!ran.ok) {
      fs.rmSync(place, { recursive: true, force: true });
      const isFull = /No space left on device|Disk quota exceeded/.test(ran.words);
      return { words: isFull ? `The sandbox's disk is full.\n${ran.words}` : ran.words };
    }
  }
  nameAgent(place, wanted.agent);
  tellAgent(wanted);
  return { submodules: submodulesIn(place), lfs: usesLfs(place) };
}
