import { findModel } from "../../domain/catalog.ts";

/**
 * OpenCode's configuration of a session: its model behind Studio's gateway, and what it must ask for.
 * The provider's id, package and URL are those that OpenCode 1.18.33 was measured with.
 * @param gatewayUrl Studio's address as the sandbox sees it, without a trailing slash
 * @throws Error where the catalog does not know the model
 */
export function openCodeConfig(provider: string, model: string, gatewayUrl: string): Record<string, unknown> {
  const found = findModel(provider, model);
  if (!found) throw new Error(`The catalog has no model ${provider}/${model}.`);
  return {
    $schema: "https://opencode.ai/config.json",
    provider: {
      [provider]: {
        npm: "@ai-sdk/openai-compatible",
        name: found.provider.name,
        options: {
          baseURL: `${gatewayUrl}/api/gateway/${provider}/v1`,
          apiKey: `{env:${found.provider.keyVariable}}`,
        },
        models: {
          [model]: {
            name: found.model.name,
            limit: { context: found.model.contextTokens, output: found.model.outputTokens },
            cost: {
              input: perMillion(found.model.priceInMicroUsd),
              output: perMillion(found.model.priceOutMicroUsd),
              cache_read: perMillion(found.model.priceCachedMicroUsd),
            },
          },
        },
      },
    },
    model: `${provider}/${model}`,
    instructions: ["CLAUDE.md"],
    permission: { ...PERMISSIONS },
    ...WHAT_THE_AGENT_NEEDS,
    // Titles are model calls too: without this they go to a model of the agent's own choice.
    small_model: `${provider}/${model}`,
    enabled_providers: [provider],
  };
}

/** The agent counts in dollars. */
const perMillion = (microUsd: number) => microUsd / 1_000_000;

/** Writing and executing ask; reading, and the web within the network policy, are allowed. */
const PERMISSIONS = {
  edit: "ask",
  bash: "ask",
  webfetch: "allow",
  websearch: "allow",
  // A subagent's questions do not reach ACP and would hang the turn (OpenCode 1.18.33).
  task: "deny",
} as const;

/** What the pinned agent needs beyond a project's own settings, each with its reason. */
const WHAT_THE_AGENT_NEEDS = {
  // The sandbox has one pinned version, and no way to others.
  autoupdate: false,
  // Nothing leaves the sandbox by the agent's own sharing.
  share: "disabled",
  // A denial is an answer: the agent goes on without the tool, instead of ending the turn.
  experimental: { continue_loop_on_deny: true },
} as const;
