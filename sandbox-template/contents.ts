/** What every form of the template contains, wherever its programs come from. */
import fs from "node:fs";
import path from "node:path";

/** Where the template's own programs are inside a sandbox. */
export const INSIDE = "/opt/studio";
export const INSIDE_BIN = `${INSIDE}/bin`;

/** Programs of the system that must be there, and their Debian packages. */
export const SYSTEM_PROGRAMS = { rg: "ripgrep", git: "git", perl: "perl-base" };

/** Where the packages of {@link TOOLS} are: `sandbox-template/tools`. A lean template is without them. */
export const INSIDE_TOOLS = `${INSIDE}/tools`;

/** Links to {@link TOOLS}, on PATH. */
export const TOOLS_BIN = `${INSIDE_TOOLS}/bin`;

/** Programs on PATH, by the file in `node_modules` that each of them is. */
export const TOOLS = {
  npm: "npm/bin/npm-cli.js",
  npx: "npm/bin/npx-cli.js",
  pnpm: "@pnpm/exe.linux-x64/pnpm",
  bun: "@oven/bun-linux-x64-baseline/bin/bun",
  // Bun tells by its own name that it was meant so.
  bunx: "@oven/bun-linux-x64-baseline/bin/bun",
  tsc: "typescript/bin/tsc",
} as const;

/** What sandboxes have of the machine's own `/usr`: a command that ends well where it is there, and its Debian package. */
export const MACHINE_TOOLS: { name: string; probe: string[]; debian: string }[] = [
  { name: "Python", probe: ["python3", "-c", ""], debian: "python3" },
  { name: "pip", probe: ["python3", "-c", "import pip"], debian: "python3-pip" },
  // Debian's Python leaves out what makes environments.
  { name: "venv", probe: ["python3", "-c", "import ensurepip, venv"], debian: "python3-venv" },
  { name: "a C compiler", probe: ["cc", "--version"], debian: "build-essential" },
  { name: "make", probe: ["make", "--version"], debian: "build-essential" },
  { name: "curl", probe: ["curl", "--version"], debian: "curl" },
  { name: "jq", probe: ["jq", "--version"], debian: "jq" },
];

/** Where a person's own programs go, as by `npm install --global`: below the home, and last on PATH. */
const OWN_PREFIX = "/home/user/.local";
export const OWN_BIN = `${OWN_PREFIX}/bin`;

/** The `struere` command, bundled, in {@link INSIDE}. */
export const STRUERE_FILE = "struere.mjs";

/** What the template was built with, in {@link INSIDE}. */
export const VERSIONS_FILE = "versions.json";

/** The program `struere`, which runs that file. */
export const struereWrapper = (): string =>
  `#!/bin/sh\nexec ${INSIDE_BIN}/node ${INSIDE}/${STRUERE_FILE} "$@"\n`;

/** Where the bridge to the agent is, with what only it and OpenCode read; nobody inside can write there. */
export const INSIDE_AGENT = `${INSIDE}/agent`;

/** The models that OpenCode knows, below {@link INSIDE_AGENT}; made by `npm run catalog:refresh -- --write`. */
const MODELS_FILE = "models.json";

/**
 * Set in every process. OpenCode then calls nobody at start: its model list is bundled, and updates and
 * language servers are ours to choose. An empty value would crash it, so each is "1" or absent.
 */
export const TEMPLATE_ENV: Record<string, string> = {
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  // Its index of all files is made again after each turn.
  OPENCODE_DISABLE_FFF: "1",
  // The part of its list that sessions can be set to: the whole takes a third of its start.
  OPENCODE_MODELS_PATH: `${INSIDE_AGENT}/${MODELS_FILE}`,
  // Agents come with the template; sandbox-agent must not fetch its own.
  SANDBOX_AGENT_REQUIRE_PREINSTALL: "1",
  // The system's folders are read-only: what is installed for all projects goes below the home.
  NPM_CONFIG_PREFIX: OWN_PREFIX,
  NPM_CONFIG_UPDATE_NOTIFIER: "false",
  PNPM_HOME: OWN_PREFIX,
  BUN_INSTALL: OWN_PREFIX,
  // A sandbox is one project's: Debian's pip would refuse to install anything outside an environment.
  PIP_BREAK_SYSTEM_PACKAGES: "1",
};

/** Folders below the home that must exist, though empty. */
export const HOME_FOLDERS = [".config/opencode/node_modules"];

const PLUGIN_LOCK = `${JSON.stringify({ packages: { "": { dependencies: { "@opencode-ai/plugin": "0" } } } })}\n`;

/**
 * Files below the home. OpenCode installs its plugin package from npm into each config folder unless
 * `node_modules` and a lock file that names the package are there.
 */
export const HOME_FILES: Record<string, string> = { ".config/opencode/package-lock.json": PLUGIN_LOCK };

/** The programs of sandbox-template/agent, bundled. */
export const AGENT_PROGRAMS = [
  "bridge",
  "seal",
  "processes",
  "files",
  "walls",
  "git",
  "checkpoint",
  "archive",
  "mcp",
] as const;

/** The shell of the agent's commands, below {@link INSIDE_AGENT}. OpenCode tells by its name how to call it. */
export const AGENT_SHELL = "shell/bash";

/** The program `studio-agent`: the bridge, run by the JavaScript engine that OpenCode's program is. */
export const bridgeWrapper = (): string =>
  `#!/bin/sh\nexport BUN_BE_BUN=1\ncd ${INSIDE_AGENT} && exec ${INSIDE_BIN}/opencode ${INSIDE_AGENT}/bridge.mjs\n`;

/** Folders below {@link INSIDE_AGENT}: OpenCode's own configuration, and the home of Studio's commands, both empty. */
export const AGENT_FOLDERS = ["home", "config/opencode/node_modules"];

/** Files below {@link INSIDE_AGENT}, beside the programs. */
export const AGENT_FILES: Record<string, string> = {
  "config/opencode/package-lock.json": PLUGIN_LOCK,
  "config/opencode/.gitignore": "node_modules\n",
  [MODELS_FILE]: fs.readFileSync(path.join(import.meta.dirname, MODELS_FILE), "utf8"),
};
