import { z } from "zod";
import { AGENT_DEFAULTS, MAX_TEMPERATURE, TOOLS_MODES } from "#domain/agents.ts";
import { agentLackSchema, agentRepositorySchema } from "#domain/agent.ts";
import { agentChangeSchema } from "#domain/agent-versions.ts";
import { LIMITS } from "#domain/limits.ts";
import { RULE_ACTIONS } from "#domain/rules/rule.ts";
import { boundedText, boundedTexts, boundedWhole } from "./limits.ts";
import { idParam } from "./route.ts";

/** When an agent asks, and what it may do without: a glob over `server:tool:arguments`. */
export const approvalRuleSchema = z.strictObject({
  id: z.string().max(200).optional(),
  name: boundedText(LIMITS.ruleName, { trim: true }).optional(),
  tool_pattern: boundedText(LIMITS.rulePattern),
  action: z.enum(RULE_ACTIONS),
  priority: boundedWhole(LIMITS.rulePriority).optional(),
  enabled: z.boolean().optional(),
});

const fields = {
  name: boundedText(LIMITS.agentName, { trim: true }),
  description: boundedText(LIMITS.agentDescription, { trim: true }),
  provider: boundedText(LIMITS.providerId).describe("One of those that `GET /api/studio/models` lists."),
  model: boundedText(LIMITS.modelId).describe("One of the provider's models."),
  system_prompt: boundedText(LIMITS.systemPrompt).describe(
    "Takes the place of the agent's own instructions; empty leaves them as they are.",
  ),
  temperature: z
    .number()
    .min(0)
    .max(MAX_TEMPERATURE)
    .describe(
      "Not sent to models that take none, such as OpenAI's reasoning models. Anthropic takes 1 at most.",
    ),
  max_tokens: boundedWhole(LIMITS.maxTokens).describe("Output of one model call, at most."),
  tools_mode: z
    .enum(TOOLS_MODES)
    .describe(
      "`sandboxed`: reads only; tools that change, execute or go to the web are not offered. `restricted`: all tools, and a person is asked. `full`: all tools, and every approval is granted by itself, and logged.",
    ),
  mcp_servers: boundedTexts(LIMITS.mcpNames).describe(
    "Names of the MCP servers that its sessions get, while they are on; with `sandboxed`, none.",
  ),
  skills: boundedTexts(LIMITS.agentSkills)
    .nullable()
    .describe("Names of the skills that its sessions get; null for all of the organization's."),
  variables: boundedTexts(LIMITS.agentVariables)
    .nullable()
    .describe(
      "Names of the variables that its sessions get; null for all of the organization's. Those of set-up come all the same.",
    ),
  repository: z
    .strictObject({
      connection: boundedText(LIMITS.gitConnection).describe("One of the organization's git connections."),
      url: boundedText(LIMITS.gitUrl, { trim: true }).describe("Its URL, or its path, such as `acme/shop`."),
      ref: boundedText(LIMITS.gitRef, { trim: true })
        .nullable()
        .default(null)
        .describe("A branch, a tag, or a commit's whole id; null for the main branch."),
    })
    .nullable()
    .describe("What its sessions start from, where the session names no repository."),
  approval_rules: z
    .array(approvalRuleSchema)
    .max(100)
    .describe(
      "The rules with the scope `agent` that it has, as `/api/v1/approval-rules` shows them. Those that are sent take the place of all that there are; a key needs `rules:write` for it. An `id` is passed over.",
    ),
};

/** `POST /api/v1/agents` */
export const createAgentBody = z.strictObject({
  ...fields,
  description: fields.description.default(AGENT_DEFAULTS.description),
  system_prompt: fields.system_prompt.default(AGENT_DEFAULTS.systemPrompt),
  temperature: fields.temperature.default(AGENT_DEFAULTS.temperature),
  max_tokens: fields.max_tokens.default(AGENT_DEFAULTS.maxTokens),
  tools_mode: fields.tools_mode.default(AGENT_DEFAULTS.toolsMode),
  mcp_servers: fields.mcp_servers.default([]),
  skills: fields.skills.default(null),
  variables: fields.variables.default(null),
  repository: fields.repository.default(null),
  approval_rules: fields.approval_rules.default([]),
});

/** `PATCH /api/v1/agents/{id}`: what is left out stays. */
export const updateAgentBody = z
  .strictObject(fields)
  .partial()
  .refine((body) => Object.keys(body).length > 0, "Say what should change.");

/** An agent as `/api/v1` has it. */
export const agentJson = z.object({
  id: z.string(),
  version: z.number().int().describe("Counts what it was told to be, from 1."),
  name: z.string(),
  description: z.string(),
  provider: z.string(),
  model: z.string(),
  system_prompt: z.string(),
  temperature: z.number(),
  max_tokens: z.number().int(),
  tools_mode: z.enum(TOOLS_MODES),
  mcp_servers: z.array(z.string()),
  skills: z.array(z.string()).nullable(),
  variables: z.array(z.string()).nullable(),
  repository: agentRepositorySchema.nullable(),
  approval_rules: z.array(approvalRuleSchema),
  created_at: z.string(),
  updated_at: z.string(),
});
export type AgentJson = z.infer<typeof agentJson>;

/** An agent as a session keeps it. */
export const pinnedAgentJson = agentJson.extend({
  version: agentJson.shape.version.nullable().describe("Null for a session from before agents had versions."),
});
export type PinnedAgentJson = z.infer<typeof pinnedAgentJson>;

const versionNumber = z.string().regex(/^[1-9]\d{0,8}$/, "Name the version by its number.");
/** One of an agent's versions. */
export const agentVersionParams = z.object({ id: idParam, version: versionNumber });
export const agentVersionJson = z.object({
  version: z.number().int(),
  author: z
    .object({ id: z.string(), name: z.string() })
    .nullable()
    .describe("Null for what it was before its versions were kept."),
  restored_from: z.number().int().nullable().describe("The version that it brought back; else null."),
  created_at: z.string(),
  changes: z
    .array(agentChangeSchema)
    .nullable()
    .describe("What is different from the version before; null for the first that is kept."),
});
export type AgentVersionJson = z.infer<typeof agentVersionJson>;
export const agentVersionsResponse = z.object({
  versions: z.array(agentVersionJson),
  next_cursor: z.string().nullable(),
});
export const wholeAgentVersionJson = agentVersionJson.extend({
  agent: agentJson.omit({
    id: true,
    version: true,
    approval_rules: true,
    created_at: true,
    updated_at: true,
  }),
});

/** The version of an agent's file. */
const FILE_VERSION = 1;
/** An agent as a file: nothing in it is an id or a secret of its organization. */
export const agentFile = z.object({
  export_version: z.literal(FILE_VERSION),
  exported_at: z.string(),
  agent: agentJson
    .omit({ id: true, version: true, created_at: true, updated_at: true })
    .extend({ approval_rules: z.array(approvalRuleSchema.omit({ id: true })) }),
});
export type AgentFile = z.infer<typeof agentFile>;
/** `POST /api/v1/agents/import`: the file. */
export const importAgentBody = z.strictObject({
  export_version: z.literal(FILE_VERSION, "This version of Studio reads files of agents of version 1."),
  exported_at: z.string().max(100).optional(),
  agent: createAgentBody,
});
export const importAgentResponse = z.object({
  agent: agentJson,
  missing: z.array(agentLackSchema).describe("What it named that there is none of here; it was left out."),
});

export const agentsResponse = z.object({ agents: z.array(agentJson), next_cursor: z.string().nullable() });
