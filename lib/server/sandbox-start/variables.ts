import { deriveSecret } from "../auth/opaque.ts";
import { env } from "../env.ts";
import { WORKSPACE } from "../sandbox/paths.ts";

/** What `struere` finds a session's project by. Addresses are as the sandbox sees them. */
export interface ProjectAccess {
  /** The temporary key for the project's files. */
  syncKey: string;
  convexUrl: string;
  convexSiteUrl: string;
}

/** What a sandbox's environment holds. */
export interface SandboxEnvironment extends ProjectAccess {
  /** The variable that the agent's provider reads, and what it holds: the session's token, or the raw key. */
  keyVariable: string;
  modelKey: string;
}

/**
 * A session's key for its project. Every server can make it again: a sandbox that was started before its session was
 * known has no environment of its own, so that each program in it is given this.
 */
export const projectKey = (sessionId: string) =>
  deriveSecret("sync_studio", env().STUDIO_AUTH_SECRET, sessionId);

/** What a program finds its session's project by. */
export const projectVariables = (input: ProjectAccess): Record<string, string> => ({
  STRUERE_API_KEY: input.syncKey,
  STRUERE_CONVEX_URL: input.convexUrl,
  // Where Convex's HTTP actions are: the CLI derives it from the address above, which only Convex's cloud allows.
  STRUERE_CONVEX_SITE_URL: input.convexSiteUrl,
});

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
  OPENCODE_CONFIG_CONTENT: JSON.stringify({
    ...config,
    instructions: INSTRUCTIONS.map((name) => `${WORKSPACE}/${name}`),
  }),
  OPENCODE_TEST_HOME: "/opt/studio/agent/home",
  XDG_CONFIG_HOME: "/opt/studio/agent/config",
  OPENCODE_AUTH_CONTENT: "{}",
});
