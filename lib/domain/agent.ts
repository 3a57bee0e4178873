import { z } from "zod";
import { TOOLS_MODES } from "./agents.ts";

/** The repository that an agent's sessions start from, where none is named. */
export const agentRepositorySchema = z.object({
  connection: z.string(),
  /** Its URL, or its path. */
  url: z.string(),
  /** A branch, a tag, or a commit's whole id; null for the main branch. */
  ref: z.string().nullable(),
});
export type AgentRepository = z.infer<typeof agentRepositorySchema>;

/** What a person sets of an agent. Said once: Convex's validators and the types are made from it. */
export const agentFieldsSchema = z.object({
  name: z.string(),
  description: z.string(),
  provider: z.string(),
  model: z.string(),
  /** Takes the place of the agent's own instructions; empty leaves them as they are. */
  systemPrompt: z.string(),
  temperature: z.number(),
  /** Output of one model call, at most. */
  maxTokens: z.number(),
  toolsMode: z.enum(TOOLS_MODES),
  /** Names of the MCP servers that its sessions get. */
  mcpServers: z.array(z.string()),
  /** Names of the organization's skills that its sessions get; null for all. */
  skills: z.array(z.string()).nullable(),
  /** Names of the organization's variables that its sessions get; null for all. Those of set-up come all the same. */
  variables: z.array(z.string()).nullable(),
  repository: agentRepositorySchema.nullable(),
});
export type AgentFields = z.infer<typeof agentFieldsSchema>;

/** An agent as every reader sees it; times are epoch milliseconds. */
export const agentSchema = agentFieldsSchema.extend({
  id: z.string(),
  /** Counts its versions, from 1. */
  revision: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Agent = z.infer<typeof agentSchema>;

/** What a session keeps of its agent from its start on, whatever becomes of the agent. */
export const pinnedAgentSchema = agentFieldsSchema.extend({
  agentId: z.string(),
  /** The version that it was; null for a session from before agents had any. */
  revision: z.number().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type PinnedAgent = z.infer<typeof pinnedAgentSchema>;

/** What an imported agent named that the organization doesn't have; it was left out. */
export const agentLackSchema = z.object({
  field: z.enum(["mcp_servers", "skills", "variables", "repository"]),
  /** Of a repository, its connection's. */
  name: z.string(),
});
export type AgentLack = z.infer<typeof agentLackSchema>;

const COPY_OF = "Copy of ";
/** What a copy of an agent is called; a character is never cut in two. */
export const copyName = (name: string, maxChars: number): string =>
  `${COPY_OF}${name}`
    .slice(0, maxChars)
    .replace(/[\uD800-\uDBFF]$/, "")
    .trim();

/** The same as `/api/v1` and the audit log name them; the audit log cuts the prompt as it does any long text. */
export const agentAsJson = (fields: AgentFields) => ({
  name: fields.name,
  description: fields.description,
  provider: fields.provider,
  model: fields.model,
  system_prompt: fields.systemPrompt,
  temperature: fields.temperature,
  max_tokens: fields.maxTokens,
  tools_mode: fields.toolsMode,
  mcp_servers: fields.mcpServers,
  skills: fields.skills,
  variables: fields.variables,
  repository: fields.repository,
});
