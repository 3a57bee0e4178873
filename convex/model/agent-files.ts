import { type AgentFields, type AgentLack, agentLackSchema } from "#domain/agent.ts";
import type { Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { connectionOf } from "./git.ts";
import { mcpServersOf } from "./mcp.ts";
import { skillsOf } from "./skills.ts";
import { variableNames } from "./variables.ts";
import { validatorOf } from "./zod-validator.ts";

export const agentLack = validatorOf(agentLackSchema);

/**
 * What of another organization's agent there is here.
 * @returns the agent without the rest, and what that is, by name
 */
export async function withoutMissing(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  fields: AgentFields,
): Promise<{ fields: AgentFields; missing: AgentLack[] }> {
  const [servers, skills, variables] = await Promise.all([
    mcpServersOf(ctx, organizationId).then((rows) => rows.map(({ name }) => name)),
    skillsOf(ctx, organizationId).then((rows) => rows.map(({ name }) => name)),
    variableNames(ctx, organizationId),
  ]);
  const missing: AgentLack[] = [];
  const kept = (field: AgentLack["field"], names: readonly string[], there: readonly string[]) =>
    names.filter((name) => {
      const isThere = there.includes(name);
      if (!isThere) missing.push({ field, name });
      return isThere;
    });
  const mcpServers = kept("mcp_servers", fields.mcpServers, servers);
  const ownSkills = fields.skills && kept("skills", fields.skills, skills);
  const ownVariables = fields.variables && kept("variables", fields.variables, variables);
  const { repository } = fields;
  const hasConnection =
    repository !== null && (await connectionOf(ctx, organizationId, repository.connection)) !== null;
  if (repository && !hasConnection) missing.push({ field: "repository", name: repository.connection });
  return {
    fields: {
      ...fields,
      mcpServers,
      skills: ownSkills,
      variables: ownVariables,
      repository: hasConnection ? repository : null,
    },
    missing,
  };
}
