import { kind } from "./kind.ts";

/** An organization's agents. */
export const agents = {
  agent_not_found: kind("not_found", "There's no such agent here, or it was deleted."),
  project_agent_not_found: kind(
    "not_found",
    ({ slug }: { slug: string }) => `The project has no agent “${slug}” in this environment.`,
  ),
  agent_version_not_found: kind(
    "not_found",
    ({ kept }: { kept: number }) => `There's no such version of the agent; its last ${kept} are kept.`,
  ),
  session_without_agent: kind(
    "invalid_request",
    "agent: this session has no agent, so there's no newer version of it.",
  ),
  agent_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `An organization can have ${limit} agents. Delete one first.`,
  ),
  agent_temperature: kind(
    "invalid_request",
    ({ provider, max }: { provider: string; max: number }) =>
      `temperature: ${provider} takes ${max} at most.`,
  ),
  agent_skills: kind(
    "invalid_request",
    ({ skill }: { skill: string }) => `skills: there's no skill “${skill}” here.`,
  ),
  agent_variables: kind(
    "invalid_request",
    ({ variable }: { variable: string }) => `variables: there's no variable “${variable}” here.`,
  ),
  agent_mcp_servers: kind(
    "invalid_request",
    ({ server }: { server: string }) => `mcp_servers: there's no MCP server “${server}” here.`,
  ),
};
