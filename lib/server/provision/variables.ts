/** What a sandbox's environment holds. Addresses are as the sandbox sees them. */
export interface SandboxEnvironment {
  /** The variable that the agent's provider reads, and what it holds: the session's token, or the raw key. */
  keyVariable: string;
  modelKey: string;
  /** The temporary key for the project's files. */
  syncKey: string;
  convexUrl: string;
  convexSiteUrl: string;
}

/** The sandbox's variables: the selected provider's alone, and those that every sandbox has. */
export function sandboxVariables(input: SandboxEnvironment): Record<string, string> {
  return {
    [input.keyVariable]: input.modelKey,
    STRUERE_API_KEY: input.syncKey,
    STRUERE_CONVEX_URL: input.convexUrl,
    OPENCODE_EXPERIMENTAL_OUTPUT_TOKEN_MAX: "32768",
    // Where Convex's HTTP actions are: the CLI derives it from the address above, which only Convex's cloud allows.
    STRUERE_CONVEX_SITE_URL: input.convexSiteUrl,
  };
}

/** What the agent's own processes need besides, each with its reason (OpenCode 1.18.33, sandbox-agent 0.4.2). */
export const AGENT_VARIABLES = {
  // The list of models is bundled, and the way to a newer one is closed.
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  // One pinned version.
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  // A sandbox has no way to the servers that language servers are loaded from.
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  // Its tool that asks a person something is kept from clients of ACP, since ACP has no word for it.
  OPENCODE_ENABLE_QUESTION_TOOL: "1",
  // The agent is in the template; without this a missing one is fetched from the network.
  SANDBOX_AGENT_REQUIRE_PREINSTALL: "1",
  // The default of two minutes would drop the answer of every longer turn.
  SANDBOX_AGENT_ACP_REQUEST_TIMEOUT_MS: "86400000",
} as const;
