import { z } from "zod";
import { agentJson, agentsResponse, createAgentBody, updateAgentBody } from "../agents.ts";
import { idParam, type RouteTable } from "../route.ts";
import { pageQuery } from "../sessions.ts";

const named = z.object({ id: idParam });
const read = { scope: "agents:read" } as const;
const write = { scope: "agents:write" } as const;

export const AGENT_ROUTES = {
  "GET /api/v1/agents": {
    id: "listAgents",
    tag: "Agents",
    summary: "List agents",
    description: "Last changed first, without those that were deleted.",
    access: read,
    query: pageQuery,
    response: { status: 200, json: agentsResponse },
  },
  "POST /api/v1/agents": {
    id: "createAgent",
    tag: "Agents",
    summary: "Create an agent",
    access: write,
    body: createAgentBody,
    example: {
      name: "Reviewer",
      provider: "anthropic",
      model: "claude-sonnet-4-6",
      system_prompt: "You review changes, and change nothing yourself.",
      tools_mode: "sandboxed",
    },
    response: { status: 201, json: agentJson },
    errors: ["unknown_provider", "unknown_model"],
  },
  "GET /api/v1/agents/{id}": {
    id: "getAgent",
    tag: "Agents",
    summary: "Get an agent",
    access: read,
    params: named,
    response: { status: 200, json: agentJson },
  },
  "PATCH /api/v1/agents/{id}": {
    id: "updateAgent",
    tag: "Agents",
    summary: "Change an agent",
    description: "Sessions that were started with it keep what it was then.",
    access: write,
    params: named,
    body: updateAgentBody,
    example: { temperature: 0.2 },
    response: { status: 200, json: agentJson },
    errors: ["unknown_provider", "unknown_model"],
  },
  "DELETE /api/v1/agents/{id}": {
    id: "deleteAgent",
    tag: "Agents",
    summary: "Delete an agent",
    description: "Nothing can be started with it any more. Its sessions stay, and keep what it was.",
    access: write,
    params: named,
    response: { status: 204 },
  },
} as const satisfies RouteTable;
