/** Words with which a well-known program runs something else, or writes where nobody looks: a rule must name them. Pure. */
import type { Word } from "./pattern.ts";
import { baseOf } from "./wrappers.ts";

interface Program {
  /** Long options; a beginning of one counts, since most programs take it. */
  long?: readonly string[];
  /** Short options by their letters, alone, in a cluster, or with their value behind. */
  short?: string;
  /** Options with one dash and several letters. */
  single?: readonly string[];
  /** Commands of the program's own: its first word that is no option. */
  words?: readonly string[];
  /** Anything else in a word. */
  text?: RegExp;
}

const NODE_LIKE: Program = {
  long: ["eval", "print", "require", "import", "loader", "experimental-loader", "env-file", "run", "inspect"],
  short: "eprC",
};
const NPM_LIKE: Program = {
  long: [
    "script-shell",
    "prefix",
    "userconfig",
    "globalconfig",
    "node-options",
    "shell",
    "call",
    "dir",
    "cwd",
    "shell-emulator",
    "config",
    "git",
    "editor",
    "viewer",
    "ignore-scripts",
    "init-module",
    "use-node-version",
    "global",
    "location",
    "workspace-root",
    "registry",
  ],
  short: "cCgw",
  words: [
    "exec",
    "x",
    "dlx",
    "config",
    "c",
    "set",
    "explore",
    "edit",
    "publish",
    "link",
    "create",
    "init",
    "env",
  ],
};
const TEST_RUNNER: Program = {
  long: [
    "config",
    "root",
    "rootDir",
    "dir",
    "globalSetup",
    "setupFiles",
    "setupFilesAfterEnv",
    "environment",
    "testRunner",
    "runner",
    "reporter",
    "reporters",
    "transform",
    "resolver",
    "outputFile",
    "pool",
    "require",
    "import",
    "globals",
    "project",
    "projects",
    "testEnvironment",
    "snapshotResolver",
    "watchPlugins",
  ],
  short: "cr",
};
const PYTHON: Program = { short: "cm", words: ["-"] };

/** Easy to add to. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  git: {
    long: [
      "exec-path",
      "git-dir",
      "work-tree",
      "config-env",
      "namespace",
      "upload-pack",
      "receive-pack",
      "exec",
      "ext-diff",
      "textconv",
      "output",
      "open-files-in-pager",
      "template",
      "config",
      "separate-git-dir",
      "paginate",
      "extcmd",
      "editor",
      "gpg-sign",
      "strategy",
      "super-prefix",
      "attr-source",
    ],
    short: "cCxOu",
    words: [
      "config",
      "bisect",
      "filter-branch",
      "submodule",
      "difftool",
      "mergetool",
      "send-email",
      "daemon",
      "instaweb",
      "archive",
      "fast-import",
      "credential",
      "maintenance",
      "hook",
      "for-each-repo",
      "remote-ext",
      "upload-pack",
      "receive-pack",
      "http-backend",
      "shell",
      "var",
      "replace",
      "alias",
      "worktree",
      "init",
    ],
    text: /^(?:ext|fd)::|^--?[a-z-]*=?ext::/,
  },
  npm: NPM_LIKE,
  pnpm: NPM_LIKE,
  yarn: NPM_LIKE,
  bun: NPM_LIKE,
  npx: NPM_LIKE,
  node: NODE_LIKE,
  tsx: NODE_LIKE,
  "ts-node": NODE_LIKE,
  deno: NODE_LIKE,
  python: PYTHON,
  python3: PYTHON,
  ruby: { short: "ercIxS", words: ["-"] },
  perl: { short: "eEMmIxns", words: ["-"] },
  php: { short: "rdcBRFEz", words: ["-"] },
  find: {
    single: ["-exec", "-execdir", "-ok", "-okdir", "-delete", "-fprint", "-fprint0", "-fprintf", "-fls"],
  },
  fd: { long: ["exec", "exec-batch"], short: "xX" },
  rg: { long: ["pre", "hostname-bin", "search-zip"], short: "z" },
  tar: {
    long: [
      "to-command",
      "checkpoint-action",
      "use-compress-program",
      "rsh-command",
      "info-script",
      "new-volume-script",
      "absolute-names",
    ],
    short: "IFP",
  },
  rsync: { long: ["rsh", "rsync-path"], short: "e" },
  ssh: { short: "oFJE", long: [] },
  scp: { short: "oFSJ" },
  curl: {
    long: [
      "output",
      "remote-name",
      "config",
      "upload-file",
      "data",
      "data-binary",
      "data-raw",
      "data-urlencode",
      "form",
      "proxy",
      "unix-socket",
      "output-dir",
      "cookie-jar",
      "dump-header",
      "trace",
      "request",
      "json",
      "engine",
      "libcurl",
      "stderr",
      "hsts",
      "etag-save",
      "write-out",
    ],
    short: "oOKTdFxXcDJ",
  },
  wget: {
    long: [
      "output-document",
      "use-askpass",
      "input-file",
      "post-file",
      "post-data",
      "execute",
      "config",
      "output-file",
      "append-output",
      "body-file",
      "method",
      "directory-prefix",
    ],
    short: "OieoaP",
  },
  sort: { long: ["output", "compress-program", "files0-from", "temporary-directory"], short: "oT" },
  sed: { long: ["in-place", "file", "expression"], short: "ief" },
  awk: { text: /system|\||>|getline|@/, short: "filEv", long: ["file", "include", "load", "exec"] },
  make: {
    long: ["file", "makefile", "directory", "eval", "include-dir"],
    short: "fCIE",
    text: /^[A-Za-z_]\w*[:?+!]*=/,
  },
  cargo: { long: ["config", "manifest-path", "target-dir"], short: "Z", words: ["install", "publish"] },
  go: {
    single: ["-exec", "-toolexec", "-vettool", "-o", "-overlay", "-modfile", "-ldflags", "-gcflags", "-C"],
    words: ["env", "generate", "install", "tool"],
  },
  pip: {
    long: [
      "index-url",
      "extra-index-url",
      "target",
      "prefix",
      "root",
      "editable",
      "global-option",
      "config-settings",
      "find-links",
      "python",
      "src",
    ],
    short: "iteft",
    words: ["config"],
  },
  pytest: {
    long: ["rootdir", "confcutdir", "override-ini", "basetemp", "import-mode", "pdbcls", "junitxml"],
    short: "pco",
  },
  vitest: TEST_RUNNER,
  jest: TEST_RUNNER,
  mocha: TEST_RUNNER,
  playwright: TEST_RUNNER,
  eslint: {
    long: [
      "config",
      "rulesdir",
      "plugin",
      "resolve-plugins-relative-to",
      "format",
      "output-file",
      "parser",
      "fix",
    ],
    short: "cfo",
  },
  prettier: { long: ["plugin", "config", "write"], short: "w" },
  tsc: { long: ["project", "outDir", "outFile", "build", "rootDir"], short: "pbw" },
  man: { long: ["pager", "html", "preprocessor"], short: "PHp" },
  less: { short: "oOkK", text: /^\+/ },
  vim: { short: "cSsuw", text: /^\+/ },
  vi: { short: "cSsuw", text: /^\+/ },
  ed: { text: /^/ },
  env: { short: "S", long: ["split-string"] },
  jq: { long: ["from-file", "library-path"], short: "fL" },
  split: { long: ["filter"] },
  zip: { short: "T", long: ["unzip-command"], single: ["-TT"] },
  tcpdump: { short: "zw" },
  docker: { short: "vH", long: ["privileged", "volume", "mount", "host", "context"] },
  printf: { short: "v" },
  date: { short: "s", long: ["set"] },
  tee: { text: /^\/(?!dev\/null$)/ },
};

const SAME: Readonly<Record<string, string>> = {
  gawk: "awk",
  mawk: "awk",
  nawk: "awk",
  pip3: "pip",
  gmake: "make",
  egrep: "grep",
  nvim: "vim",
  gsed: "sed",
  gfind: "find",
  nodejs: "node",
  bunx: "npx",
  "ts-node-esm": "ts-node",
};

/** A script of sed's that only shows or replaces text: any other may run a command, or write a file. */
const PLAIN_SED =
  /^(?:\d*,?\d*p|\$p|\d+,?\d*d|\/[\w .-]*\/[pd]|s([/|#,])(?:(?!\1)[^\\\n])*\1(?:(?!\1)[^\\\n])*\1[gpI0-9]*)$/;

function programOf(name: string): { key: string; program: Program } | null {
  const base = baseOf(name);
  const key = SAME[base] ?? (/^python3?\.\d+$/.test(base) ? "python" : base);
  const program = Object.hasOwn(PROGRAMS, key) ? PROGRAMS[key] : undefined;
  return program ? { key, program } : null;
}

function isRisky({ long, short, single, text }: Program, value: string): boolean {
  if (single?.includes(value) || text?.test(value)) return true;
  if (value.startsWith("--") && value.length > 2) {
    const name = value.slice(2).split("=", 1)[0] ?? "";
    return (
      long?.some((option) => {
        const plain = option.toLowerCase();
        const given = name.toLowerCase().replace(/^no-/, "");
        return (
          plain.startsWith(given) || plain.replaceAll("-", "") === given || given.startsWith(`${plain}.`)
        );
      }) ?? false
    );
  }
  if (!/^-[^-]/.test(value) || short === undefined) return false;
  return Array.from(value.slice(1)).some((letter) => short.includes(letter));
}

/**
 * The words of a command that a rule has to name, by their places; a word that is only known when it runs is one, if
 * it could become such a word.
 * @param at where the command's name stands
 */
export function riskyWords(words: readonly Word[], at: number): number[] {
  const found = programOf(words[at]?.value ?? "");
  if (!found) return [];
  const { key, program } = found;
  const risky: number[] = [];
  let isScript = key === "sed";
  let isFirst = true;
  for (let index = at + 1; index < words.length; index += 1) {
    const word = words[index]!;
    if (word.isDynamic) {
      // What begins like a path or a plain word, and stays one word, is no option.
      if (word.isSplit || word.known === "" || word.known.startsWith("-")) risky.push(index);
      continue;
    }
    if (isScript && !word.value.startsWith("-")) {
      isScript = false;
      if (!PLAIN_SED.test(word.value)) risky.push(index);
      continue;
    }
    const isCommand = isFirst && (word.value === "-" || !word.value.startsWith("-"));
    if (isCommand) isFirst = false;
    if (isRisky(program, word.value) || (isCommand && program.words?.includes(word.value) === true))
      risky.push(index);
  }
  return risky;
}
