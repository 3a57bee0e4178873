import { v } from "convex/values";
import {
  type Agent,
  type AgentFields,
  agentRepositorySchema,
  agentSchema,
  type PinnedAgent,
  pinnedAgentSchema,
} from "#domain/agent.ts";
import { maxTemperatureOf, TOOLS_MODES } from "#domain/agents.ts";
import { isObjectId, isRefName } from "#domain/git.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { allowedRepository } from "./git.ts";
import { mcpServerNamed } from "./mcp.ts";
import { checkModel } from "./models.ts";
import { refuse } from "./refusal.ts";
import { skillsOf } from "./skills.ts";
import { variableNames } from "./variables.ts";
import { literals, validatorOf } from "./zod-validator.ts";

export const agentFields = {
  name: v.string(),
  description: v.string(),
  provider: v.string(),
  model: v.string(),
  systemPrompt: v.string(),
  temperature: v.number(),
  maxTokens: v.number(),
  toolsMode: literals(TOOLS_MODES),
  mcpServers: v.array(v.string()),
  skills: v.nullable(v.array(v.string())),
  variables: v.nullable(v.array(v.string())),
  repository: v.nullable(validatorOf(agentRepositorySchema)),
};
/** The same as rows have them: older ones name no servers, and get all skills and variables. */
export const agentRow = {
  ...agentFields,
  mcpServers: v.optional(agentFields.mcpServers),
  skills: v.optional(agentFields.skills),
  variables: v.optional(agentFields.variables),
  repository: v.optional(agentFields.repository),
};
export const shownAgent = validatorOf(agentSchema);
export const pinnedAgent = validatorOf(pinnedAgentSchema);

/** The fields that people set, of a row that has more. */
export function fieldsOf({
  mcpServers = [],
  skills = null,
  variables = null,
  repository = null,
  ...row
}: AgentRow): AgentFields {
  const { name, description, provider, model, systemPrompt, temperature, maxTokens, toolsMode } = row;
  return {
    name,
    description,
    provider,
    model,
    systemPrompt,
    temperature,
    maxTokens,
    toolsMode,
    mcpServers,
    skills,
    variables,
    repository,
  };
}
type Later = "mcpServers" | "skills" | "variables" | "repository";
type AgentRow = Omit<AgentFields, Later> & Partial<Pick<AgentFields, Later>>;

/** An agent as readers outside see it. */
export const toAgent = (row: Doc<"agents">): Agent => ({
  id: row._id,
  revision: row.revision ?? 1,
  ...fieldsOf(row),
  createdAt: Math.floor(row._creationTime),
  updatedAt: row.updatedAt,
});

/**
 * The agent behind an id as it came from outside, if it is the organization's and was not deleted.
 * @throws not_found
 */
export async function agentOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  rawId: string,
): Promise<Doc<"agents">> {
  const id = ctx.db.normalizeId("agents", rawId);
  const row = id && (await ctx.db.get(id));
  if (!row || row.organizationId !== organizationId || row.archivedAt !== undefined)
    throw refuse("agent_not_found");
  return row;
}

/** Looks whether an agent can be what it says. @throws unknown_provider | unknown_model | invalid_request */
export async function checkAgent(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  fields: AgentFields,
): Promise<void> {
  await checkModel(ctx, organizationId, fields);
  for (const server of fields.mcpServers)
    if (!(await mcpServerNamed(ctx, organizationId, server))) throw refuse("agent_mcp_servers", { server });
  await checkMeans(ctx, organizationId, fields);
  const max = maxTemperatureOf(fields.provider);
  if (fields.temperature > max) throw refuse("agent_temperature", { provider: fields.provider, max });
}

/** Looks whether there is what an agent names for its sessions. @throws not_found | invalid_request | forbidden */
async function checkMeans(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  { skills, variables, repository }: AgentFields,
): Promise<void> {
  if (skills && skills.length > 0) {
    const there = new Set((await skillsOf(ctx, organizationId)).map(({ name }) => name));
    const missing = skills.find((name) => !there.has(name));
    if (missing !== undefined) throw refuse("agent_skills", { skill: missing });
  }
  if (variables && variables.length > 0) {
    const there = new Set(await variableNames(ctx, organizationId));
    const missing = variables.find((name) => !there.has(name));
    if (missing !== undefined) throw refuse("agent_variables", { variable: missing });
  }
  if (!repository) return;
  const { ref } = repository;
  if (ref !== null && !isObjectId(ref) && !isRefName(ref)) throw refuse("git_ref_malformed", { ref });
  await allowedRepository(ctx, organizationId, repository);
}

/** What an agent is at this moment. */
export const pinOf = (agent: Doc<"agents">) => ({
  agentId: agent._id,
  revision: agent.revision ?? 1,
  ...fieldsOf(agent),
  createdAt: Math.floor(agent._creationTime),
  updatedAt: agent.updatedAt,
});
export type AgentPin = Omit<ReturnType<typeof pinOf>, "revision"> & { revision: number | null };

/** What a session's agent is at this moment. @throws not_found where it was deleted; invalid_request without one */
export async function newestPin(
  ctx: MutationCtx,
  { organizationId, agentId }: Pick<Doc<"sandboxSessions">, "organizationId" | "agentId">,
): Promise<AgentPin> {
  if (!agentId) throw refuse("session_without_agent");
  return pinOf(await agentOf(ctx, organizationId, agentId));
}

/** Keeps what an agent is at this moment with a session that begins with it. */
export async function pinAgent(
  ctx: MutationCtx,
  { organizationId, sessionId }: { organizationId: Id<"organizations">; sessionId: Id<"sandboxSessions"> },
  pin: AgentPin,
): Promise<void> {
  const { revision, ...rest } = pin;
  await ctx.db.insert("sessionAgents", {
    organizationId,
    sessionId,
    ...rest,
    ...(revision !== null && { revision }),
  });
}

/** What a session's agent was when it began; null for a session without one. */
export async function pinnedAgentOf(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<(PinnedAgent & AgentPin) | null> {
  const row = await ctx.db
    .query("sessionAgents")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .unique();
  return (
    row && {
      agentId: row.agentId,
      revision: row.revision ?? null,
      ...fieldsOf(row),
      createdAt: row.createdAt,
      updatedAt: row.updatedAt,
    }
  );
}
