/** What agents are told to be, and how far their tools go. Pure. */

/**
 * `sandboxed`: reads alone; what changes, executes or goes to the web is not offered to the model. `restricted`: all of
 * the tools, and a person is asked before it changes or executes. `full`: all of them, and every approval is granted by
 * itself, and logged.
 */
export const TOOLS_MODES = ["sandboxed", "restricted", "full"] as const;
export type ToolsMode = (typeof TOOLS_MODES)[number];

/** Agents of an organization that are not archived. */
export const MAX_AGENTS = 200;
/** Names of variables that one agent can list: as many as there can be, for all environments and for each. */
export const MAX_AGENT_VARIABLES = 96;
export const MAX_PROMPT_CHARS = 32_000;
export const MAX_PROMPT_BYTES = 64_000;
/** The highest temperature that every provider takes but Anthropic, which takes 1 at most. */
export const MAX_TEMPERATURE = 2;
const MAX_TEMPERATURES: Readonly<Record<string, number>> = { anthropic: 1 };

/** The highest temperature that a provider's models take. */
export const maxTemperatureOf = (provider: string): number => MAX_TEMPERATURES[provider] ?? MAX_TEMPERATURE;

/** What an agent has where nothing else is said. */
export const AGENT_DEFAULTS = {
  description: "",
  systemPrompt: "",
  temperature: 0.7,
  maxTokens: 4096,
  toolsMode: "restricted",
} as const;
