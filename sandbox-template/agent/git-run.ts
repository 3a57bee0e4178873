import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const ROOT = process.env["STUDIO_ROOT"] ?? ".";

/** What a repository's own configuration must not decide. */
const QUIET = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.pager=cat",
  "core.editor=true",
  "core.attributesFile=/dev/null",
  "core.quotePath=false",
  "diff.external=",
  "gpg.program=false",
  "commit.gpgSign=false",
  "push.gpgSign=false",
  "push.followTags=false",
  "push.recurseSubmodules=no",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "protocol.ext.allow=never",
  "protocol.file.allow=never",
  "maintenance.auto=false",
  "gc.auto=0",
].flatMap((setting) => ["-c", setting]);

const ENVIRONMENT = {
  ...process.env,
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_LFS_SKIP_SMUDGE: "1",
  GIT_CONFIG_NOSYSTEM: "1",
  LC_ALL: "C.UTF-8",
  STUDIO_GIT: "",
};

export interface Ran {
  ok: boolean;
  out: Buffer;
  words: string;
}

const MAX_WORDS = 1_200;

/** What git says of a failure: what its server says first, then its own last words. */
function wordsOf(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "" && !/^(hint|Counting|Compressing|Writing)/.test(line));
  return lines.slice(-12).join("\n").slice(-MAX_WORDS).trim();
}

/** The folder of a repository, which is right in the workspace. */
export function placeOf(folder: string): string {
  if (folder === "" || folder.startsWith(".") || folder.includes("/"))
    throw new Error("no folder of the workspace");
  return path.join(ROOT, folder);
}

/** Runs git in a folder to its end, or to the end of its time. */
export function git(
  folder: string,
  args: readonly string[],
  {
    timeoutMs = 30_000,
    maxBytes = 8_000_000,
    input,
    index,
  }: { timeoutMs?: number; maxBytes?: number; input?: string; index?: string } = {},
): Ran {
  const ran = spawnSync("git", [...QUIET, ...args], {
    cwd: folder,
    env: index === undefined ? ENVIRONMENT : { ...ENVIRONMENT, GIT_INDEX_FILE: index },
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: maxBytes,
    ...(input !== undefined && { input }),
  });
  const code = ran.error && "code" in ran.error ? ran.error.code : undefined;
  const late = code === "ETIMEDOUT";
  const large = code === "ENOBUFS";
  const said = wordsOf(ran.stderr?.toString("utf8") ?? "");
  const words = late
    ? `It took longer than ${Math.round(timeoutMs / 1_000)} s.${said === "" ? "" : `\n${said}`}`
    : large
      ? "It has more output than is looked at."
      : said || ran.error?.message || `git ended with ${ran.status ?? ran.signal}.`;
  return { ok: ran.status === 0 && !ran.error, out: ran.stdout ?? Buffer.alloc(0), words };
}

/** What is done in one repository of the workspace. */
export interface InFolder {
  folder: string;
}

/** It could not be done; git's own words. */
export interface Failed {
  words: string;
}

/** The first line that git prints; null where it fails. */
export const lineOf = (place: string, args: readonly string[]): string | null => {
  const ran = git(place, args);
  return ran.ok ? ran.out.toString("utf8").trim() : null;
};

/** Whether there is a repository of its own: git would look for one further up. */
export const isRepository = (place: string): boolean => fs.existsSync(path.join(place, ".git"));

export const gone = (folder: string): Failed => ({ words: `There's no repository in ${folder}/ anymore.` });

/** Where the last fetched state of a branch of the server is kept. @param ref `refs/heads/…` */
export const trackedOf = (ref: string): string => ref.replace(/^refs\/heads\//, "refs/remotes/origin/");

/** Paths as git takes them on its input, each to the letter. */
export const literally = (paths: readonly string[]): string =>
  paths.map((one) => `:(literal)${one}\0`).join("");
export const PATHS_FROM_INPUT = ["--pathspec-from-file=-", "--pathspec-file-nul"];
