import { WORKSPACE } from "../sandbox/paths.ts";
import { configText } from "./config-text.ts";
import { type ProjectAccess, projectVariables } from "./project-access.ts";

/** What a sandbox's environment holds. */
export interface SandboxEnvironment extends ProjectAccess {
  /** The variable that the agent's provider reads, and what it holds: the session's token, or the raw key. */
  keyVariable: string;
  modelKey: string;
}

/** The same for every sandbox, and read when OpenCode starts. */
export const SETTING_VARIABLES = { OPENCODE_EXPERIMENTAL_OUTPUT_TOKEN_MAX: "32768" } as const;

/** The sandbox's variables: the selected provider's alone, and those that every sandbox has. */
export function sandboxVariables(input: SandboxEnvironment): Record<string, string> {
  return {
    [input.keyVariable]: input.modelKey,
    ...projectVariables(input),
    ...SETTING_VARIABLES,
  };
}

/** What the agent's own process needs besides, each with its reason (OpenCode 1.18.33). */
export const AGENT_VARIABLES = {
  // The list of models is bundled, and the way to a newer one is closed.
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  // One pinned version.
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  // A sandbox has no way to the servers that language servers are loaded from.
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  // Its tool that asks a person something is kept from clients of ACP, since ACP has no word for it.
  OPENCODE_ENABLE_QUESTION_TOOL: "1",
  // A workspace's own opencode.json, agents, commands and plugins would outrank Studio's.
  OPENCODE_DISABLE_PROJECT_CONFIG: "1",
  // Its index of all files is made again after each turn, at a second of processor time for 10,000 files; ripgrep finds
  // them, too.
  OPENCODE_DISABLE_FFF: "1",
  // No plugin of anywhere.
  OPENCODE_PURE: "1",
} as const;

/** Texts of a repository for agents. */
const INSTRUCTIONS = ["AGENTS.md", "CLAUDE.md"];

/**
 * What OpenCode alone knows of: it is in no tool's environment. What tools can write in their home is neither its
 * configuration nor the logins of providers; its configuration is given last and so outranks any file.
 */
export const sealedVariables = (config: Record<string, unknown>): Record<string, string> => ({
  // Without the project's configuration its instructions are looked for nowhere unless their place is given.
  OPENCODE_CONFIG_CONTENT: configText({
    ...config,
    instructions: INSTRUCTIONS.map((name) => `${WORKSPACE}/${name}`),
  }),
  OPENCODE_TEST_HOME: "/opt/studio/agent/home",
  XDG_CONFIG_HOME: "/opt/studio/agent/config",
  OPENCODE_AUTH_CONTENT: "{}",
});
