/** This folder holds what people do with agents. */

import type { FunctionArgs, FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { AgentJson, createAgentBody, updateAgentBody } from "#contracts/agents.ts";
import { type Agent, agentAsJson, type AgentFields } from "#domain/agent.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";

const iso = (at: number) => new Date(at).toISOString();

type Rules = FunctionReturnType<typeof api.agents.rulesOf>[number]["rules"];
type ToSend = Partial<AgentFields> & Pick<FunctionArgs<typeof api.agents.create>, "rules">;

/** An agent as `/api/v1` has it. */
const toJson = (agent: Agent, rules: Rules): AgentJson => ({
  ...agentConfig(agent, rules),
  id: agent.id,
  version: agent.revision,
  created_at: iso(agent.createdAt),
  updated_at: iso(agent.updatedAt),
});

/** What an agent is told to be, and may do without being asked about, as `/api/v1` has it. */
export function agentConfig(
  fields: AgentFields,
  rules: Rules,
): Omit<AgentJson, "id" | "version" | "created_at" | "updated_at"> {
  return {
    ...agentAsJson(fields),
    approval_rules: rules.map(({ id, name, pattern, action, priority, enabled }) => ({
      id,
      name,
      tool_pattern: pattern,
      action,
      priority,
      enabled,
    })),
  };
}

/** Agents with the rules that they have. */
async function withRules(caller: Principal, agents: readonly Agent[]): Promise<AgentJson[]> {
  if (agents.length === 0) return [];
  const agentIds = agents.map(({ id }) => id);
  const found = await dataFor(caller).query(api.agents.rulesOf, { agentIds });
  const rules = new Map<string, Rules>(found.map((one) => [one.agentId, one.rules]));
  return agents.map((agent) => toJson(agent, rules.get(agent.id) ?? []));
}

export const whole = async (caller: Principal, agent: Agent): Promise<AgentJson> =>
  (await withRules(caller, [agent]))[0]!;

type Sent = z.output<typeof updateAgentBody>;

const toRule = ({
  tool_pattern: pattern,
  action,
  name,
  priority,
  enabled,
}: NonNullable<Sent["approval_rules"]>[number]) => ({
  pattern,
  action,
  ...(name !== undefined && { name }),
  ...(priority !== undefined && { priority }),
  ...(enabled !== undefined && { enabled }),
});

/** The fields of a body. @throws HttpError where it names what an agent can't have */
export function fieldsOf(body: Sent): ToSend {
  const { system_prompt, max_tokens, tools_mode, mcp_servers, approval_rules, ...rest } = body;
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    ...(system_prompt !== undefined && { systemPrompt: system_prompt }),
    ...(max_tokens !== undefined && { maxTokens: max_tokens }),
    ...(tools_mode !== undefined && { toolsMode: tools_mode }),
    ...(approval_rules && { rules: approval_rules.map(toRule) }),
    ...(mcp_servers !== undefined && { mcpServers: mcp_servers }),
  };
}

/** A page of the organization's agents, last changed first. */
export async function listAgents(
  caller: Principal,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ agents: AgentJson[]; next_cursor: string | null }> {
  const { rows, nextCursor } = await pageOf(
    { limit, cursor },
    async (paginationOpts) => await dataFor(caller).query(api.agents.list, { paginationOpts }),
  );
  return { agents: await withRules(caller, rows), next_cursor: nextCursor };
}

export const getAgent = async (caller: Principal, agentId: string): Promise<AgentJson> =>
  await whole(caller, await dataFor(caller).query(api.agents.get, { agentId }));

/** @throws HttpError unknown_provider | unknown_model | invalid_request */
export async function createAgent(
  caller: Principal,
  body: z.output<typeof createAgentBody>,
): Promise<AgentJson> {
  const fields = fieldsOf(body) as AgentFields & ToSend;
  return await whole(caller, await dataFor(caller).mutation(api.agents.create, fields));
}

/** Changes some fields. @throws HttpError not_found | unknown_provider | unknown_model | invalid_request */
export const updateAgent = async (caller: Principal, agentId: string, body: Sent): Promise<AgentJson> =>
  await whole(caller, await dataFor(caller).mutation(api.agents.update, { agentId, ...fieldsOf(body) }));

/** Deletes an agent; what was started with it keeps what it was. @throws HttpError not_found */
export async function deleteAgent(caller: Principal, agentId: string): Promise<void> {
  await dataFor(caller).mutation(api.agents.remove, { agentId });
}
