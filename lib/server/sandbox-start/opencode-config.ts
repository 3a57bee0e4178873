import type { PinnedAgent } from "#domain/agent.ts";
import type { CatalogModel } from "#domain/catalog.ts";
import { DEFAULT_SKILL_ROOT, WORKSPACE_FOLDER } from "#domain/skills.ts";
import type { Upstream } from "../keys/upstream.ts";
import { asWritten } from "./config-text.ts";

/** What the agent's configuration needs to know of a session's upstream; never its key. */
export type AgentUpstream = Pick<Upstream, "route" | "name" | "modelId" | "model">;

/**
 * How the agent reaches its model: through Studio's gateway with the session's token, or straight, with the raw key
 * in its environment. `url` is Studio's address as the sandbox sees it; `baseUrl` is where a provider is reached that
 * the agent does not know, or that is not at its own address.
 */
export type AgentAccess = { kind: "gateway"; url: string } | { kind: "raw"; baseUrl?: string };

export interface OpenCodeSetup {
  /** The content of opencode.json. */
  config: Record<string, unknown>;
  /** `provider/model` as the agent reports it for its session. */
  model: string;
  /** The variable that holds the gateway's token, or the raw key. */
  keyVariable: string;
}

/** The agent's own name for a way to a model, and what it needs to go it (OpenCode 1.18.33). */
interface Shape {
  provider: string;
  /** The package that speaks the format; without it the agent has its own for that provider. */
  npm?: string;
  keyVariable: string;
  /** The version that its package expects at the end of a base URL. */
  version: "v1" | "v1beta";
  /** A base URL that the agent cannot know by itself. */
  baseUrl?: string;
}

const SHAPES: Record<string, Shape> = {
  // xAI speaks OpenAI's formats; as the agent's native `xai` another model would run in silence.
  xai: { provider: "openai", keyVariable: "OPENAI_API_KEY", version: "v1", baseUrl: "https://api.x.ai/v1" },
  anthropic: { provider: "anthropic", keyVariable: "ANTHROPIC_API_KEY", version: "v1" },
  openai: { provider: "openai", keyVariable: "OPENAI_API_KEY", version: "v1" },
  google: { provider: "google", keyVariable: "GOOGLE_GENERATIVE_AI_API_KEY", version: "v1beta" },
  openrouter: { provider: "openrouter", keyVariable: "OPENROUTER_API_KEY", version: "v1" },
};

/** Any endpoint that speaks OpenAI's Chat Completions, under a provider id of its own. */
function compatible(route: string): Shape {
  const keyVariable = route === "demo" ? "DEMO_API_KEY" : "MODEL_API_KEY";
  // The agent's names of providers are plain ones.
  return {
    provider: route.replaceAll(/[^\w-]/g, "-"),
    npm: "@ai-sdk/openai-compatible",
    keyVariable,
    version: "v1",
  };
}

/**
 * OpenCode's configuration of a session. Through OpenRouter a model has OpenRouter's name, else Studio's own.
 * With raw keys the four providers' shapes are the documented ones, with what `ADDITIONS` and the model's own
 * figures put beside them.
 * @param pinned what the session's agent is told to be, and how far its tools go
 * @param skillsRoots folders of the workspace in which the agent looks for skills
 * @param held permissions of tools that are free otherwise, and have to ask here: a rule may hold them back
 * @throws Error where an endpoint of one's own is to be reached straight, and its address is missing
 */
export function openCodeConfig(
  upstream: AgentUpstream,
  access: AgentAccess,
  pinned: PinnedAgent | null = null,
  skillsRoots: readonly string[] = [DEFAULT_SKILL_ROOT],
  held: readonly string[] = [],
): OpenCodeSetup {
  const shape = SHAPES[upstream.route] ?? compatible(upstream.route);
  const baseUrl =
    access.kind === "gateway"
      ? `${access.url.replace(/\/$/, "")}/api/gateway/${upstream.route}/${shape.version}`
      : (access.baseUrl ?? shape.baseUrl);
  if (shape.npm !== undefined && baseUrl === undefined)
    throw new Error(`The endpoint ${upstream.route} has no address.`);
  const options = {
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
    // A provider that the agent does not know has no variable of its own.
    ...(shape.npm !== undefined && { apiKey: `{env:${shape.keyVariable}}` }),
  };
  const name = upstream.route === "openrouter" ? upstream.modelId : upstream.model.id;
  const model = `${shape.provider}/${name}`;
  return {
    model,
    keyVariable: shape.keyVariable,
    config: {
      $schema: "https://opencode.ai/config.json",
      provider: {
        [shape.provider]: {
          ...(shape.npm !== undefined && { npm: shape.npm, name: upstream.name }),
          ...(Object.keys(options).length > 0 && { options }),
          models: { [name]: { name, ...modelAdditions(upstream, name, pinned) } },
        },
      },
      model,
      instructions: ["CLAUDE.md"],
      permission: {
        ...PERMISSIONS,
        ...Object.fromEntries(held.map((tool) => [tool, "ask"])),
        ...(pinned?.toolsMode === "sandboxed" && READS_ALONE),
      },
      ...ADDITIONS,
      ...(pinned && { agent: { build: builtBy(pinned) } }),
      // The project's own configuration is passed over, and with it its folders of skills.
      skills: { paths: skillsRoots.map((root) => `${WORKSPACE_FOLDER}/${root}`) },
      // Titles are model calls too: without this they go to a model of the agent's own choice.
      small_model: model,
      // The agent offers a provider of its maker's as well, which the gateway would refuse.
      enabled_providers: [shape.provider],
    },
  };
}

/** The agent counts in dollars. */
const perMillion = (microUsd: number) => microUsd / 1_000_000;

function costOf(
  prices: Pick<CatalogModel, "priceInMicroUsd" | "priceCachedMicroUsd" | "priceOutMicroUsd"> & {
    priceCacheWriteMicroUsd?: number;
  },
) {
  return {
    input: perMillion(prices.priceInMicroUsd),
    output: perMillion(prices.priceOutMicroUsd),
    cache_read: perMillion(prices.priceCachedMicroUsd),
    ...(prices.priceCacheWriteMicroUsd !== undefined && {
      cache_write: perMillion(prices.priceCacheWriteMicroUsd),
    }),
  };
}

/** The only long-context mark that the agent's configuration knows. */
const AGENT_LONG_CONTEXT = 200_000;

/** What the agent must be told of a model: one that it does not know would be replaced by another in silence. */
function modelAdditions({ route, modelId, model }: AgentUpstream, name: string, pinned: PinnedAgent | null) {
  const { longContext } = model;
  return {
    // What the provider calls it, where Studio's name differs.
    ...(modelId !== name && { id: modelId }),
    // Without a context limit the agent sends no figures of its context.
    limit: {
      context: model.contextTokens,
      output: Math.min(model.outputTokens, pinned?.maxTokens ?? Infinity),
    },
    // It sends none to a model of which it does not know that it takes one.
    ...(pinned && !KNOWN_TEMPERATURES.includes(route) && { temperature: true }),
    // The agent's own estimate, which its context meter carries; the gateway counts for itself.
    cost: {
      ...costOf(model),
      ...(longContext?.aboveTokens === AGENT_LONG_CONTEXT && { context_over_200k: costOf(longContext) }),
    },
    // Without it a picture in a prompt is left out before it is sent.
    ...(model.images && {
      attachment: true,
      modalities: { input: ["text", "image"], output: ["text"] },
    }),
  };
}

/**
 * What the agent asks leave for: everything that is not named here. The last rule that matches wins, and OpenCode's own
 * default allows everything, so `*` stands first. What only reads is allowed, and the web within the network policy.
 */
const PERMISSIONS = {
  "*": "ask",
  read: { "*": "allow", "*.env": "ask", "*.env.*": "ask", "*.env.example": "allow" },
  glob: "allow",
  grep: "allow",
  list: "allow",
  todowrite: "allow",
  skill: "allow",
  // A question is asked of a person by itself.
  question: "allow",
  // What a subagent does asks by itself; its questions come by the agent's own server.
  task: "allow",
  webfetch: "allow",
  websearch: "allow",
  edit: "ask",
  bash: "ask",
} as const;

/** What an agent that only reads is not offered. */
const READS_ALONE = {
  edit: "deny",
  bash: "deny",
  task: "deny",
  webfetch: "deny",
  websearch: "deny",
} as const;

/** Providers of whose models the agent knows which take a temperature: some refuse a request that has one. */
const KNOWN_TEMPERATURES: readonly string[] = ["anthropic", "openai"];

/** What OpenCode's own agent, which every session runs, is told to be. */
function builtBy({ systemPrompt, temperature }: PinnedAgent): Record<string, unknown> {
  return { ...(systemPrompt.trim() !== "" && { prompt: asWritten(systemPrompt) }), temperature };
}

/** What the pinned OpenCode needs beyond a project's own settings, each with its reason. */
const ADDITIONS = {
  // The sandbox has one pinned version, and no way to others.
  autoupdate: false,
  // Its own snapshots read the whole workspace before and after each turn, and nothing of Studio uses them.
  snapshot: false,
  // Its own waits for whatever a command leaves running (sandbox-template/agent/shell.pl).
  shell: "/opt/studio/agent/shell/bash",
  // Nothing leaves the sandbox by the agent's own sharing.
  share: "disabled",
  // A denial is an answer: the agent goes on without the tool, instead of ending the turn.
  experimental: { continue_loop_on_deny: true },
} as const;

/** The configuration of an agent that nobody has claimed: it can reach no model, and may do nothing. */
export const NOBODYS_CONFIG: Record<string, unknown> = {
  provider: {
    nobody: {
      npm: "@ai-sdk/openai-compatible",
      options: { baseURL: "http://127.0.0.1:9/v1", apiKey: "none" },
      models: { none: { name: "none", limit: { context: 1_000, output: 100 } } },
    },
  },
  model: "nobody/none",
  small_model: "nobody/none",
  enabled_providers: ["nobody"],
  permission: { "*": "deny" },
  ...ADDITIONS,
};
