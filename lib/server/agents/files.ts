import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { AgentFile, AgentJson, importAgentBody, importAgentResponse } from "#contracts/agents.ts";
import { type AgentFields, agentAsJson } from "#domain/agent.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { fieldsOf, whole } from "./agents.ts";

/** Makes a copy of an agent, with its rules. @throws HttpError not_found | invalid_request */
export const duplicateAgent = async (caller: Principal, agentId: string): Promise<AgentJson> =>
  await whole(caller, await dataFor(caller).mutation(api.agentFiles.duplicate, { agentId }));

/** An agent as a file. @throws HttpError not_found */
export async function exportAgent(caller: Principal, agentId: string): Promise<AgentFile> {
  const data = dataFor(caller);
  const agent = await data.query(api.agents.get, { agentId });
  const [found] = await data.query(api.agents.rulesOf, { agentIds: [agentId] });
  return {
    export_version: 1,
    exported_at: new Date().toISOString(),
    agent: {
      ...agentAsJson(agent),
      approval_rules: (found?.rules ?? []).map(({ name, pattern, action, priority, enabled }) => ({
        name,
        tool_pattern: pattern,
        action,
        priority,
        enabled,
      })),
    },
  };
}

/**
 * Takes an agent over from a file.
 * @throws HttpError unknown_provider | unknown_model | invalid_request
 */
export async function importAgent(
  caller: Principal,
  { agent: sent }: z.output<typeof importAgentBody>,
): Promise<z.infer<typeof importAgentResponse>> {
  const { rules = [], ...fields } = fieldsOf(sent);
  const { agent, missing } = await dataFor(caller).mutation(api.agentFiles.take, {
    ...(fields as AgentFields),
    rules,
  });
  return { agent: await whole(caller, agent), missing };
}
