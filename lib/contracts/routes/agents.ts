import { z } from "zod";
import {
  agentFile,
  agentJson,
  agentsResponse,
  agentVersionParams,
  agentVersionsResponse,
  createAgentBody,
  importAgentBody,
  importAgentResponse,
  updateAgentBody,
  wholeAgentVersionJson,
} from "../agents.ts";
import { agentUsageQuery, agentUsageResponse } from "../billing.ts";
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
    description:
      "Nothing can be started with it any more, and its rules go with it. Its sessions stay, and keep what it was.",
    access: write,
    params: named,
    response: { status: 204 },
  },
  "POST /api/v1/agents/{id}/duplicate": {
    id: "duplicateAgent",
    tag: "Agents",
    summary: "Duplicate an agent",
    description: "Makes “Copy of” it, with its approval rules; a key needs `rules:write` where it has any.",
    access: write,
    params: named,
    response: { status: 201, json: agentJson },
    errors: ["unknown_provider", "unknown_model"],
  },
  "GET /api/v1/agents/{id}/export": {
    id: "exportAgent",
    tag: "Agents",
    summary: "Export an agent",
    description: "As a file that another organization can import: names, and no ids or secrets.",
    access: read,
    params: named,
    response: { status: 200, json: agentFile, download: "agent.json" },
  },
  "POST /api/v1/agents/import": {
    id: "importAgent",
    tag: "Agents",
    summary: "Import an agent",
    description:
      "Takes the file that the export makes. Skills, variables, MCP servers, and a git connection that there are none of here are left out, and named in `missing`. A key needs `rules:write` where the file has rules.",
    access: write,
    body: importAgentBody,
    example: {
      export_version: 1,
      agent: { name: "Reviewer", provider: "demo", model: "demo", system_prompt: "You review changes." },
    },
    response: { status: 201, json: importAgentResponse },
    errors: ["unknown_provider", "unknown_model"],
  },
  "GET /api/v1/agents/{id}/usage": {
    id: "getAgentUsage",
    tag: "Agents",
    summary: "Get what an agent's runs used and cost",
    description: "By day (UTC), of all of its sessions, whatever version they have.",
    access: { scope: "billing:read" },
    params: named,
    query: agentUsageQuery,
    response: { status: 200, json: agentUsageResponse },
  },
  "GET /api/v1/agents/{id}/versions": {
    id: "listAgentVersions",
    tag: "Agents",
    summary: "List an agent's versions",
    description:
      "The present one first, each with who made it and what it changed. The last 100 are kept. Approval rules are in no version: they count as they are.",
    access: read,
    params: named,
    query: pageQuery,
    response: { status: 200, json: agentVersionsResponse },
  },
  "GET /api/v1/agents/{id}/versions/{version}": {
    id: "getAgentVersion",
    tag: "Agents",
    summary: "Get a version of an agent",
    access: read,
    params: agentVersionParams,
    response: { status: 200, json: wholeAgentVersionJson },
  },
  "POST /api/v1/agents/{id}/versions/{version}/restore": {
    id: "restoreAgentVersion",
    tag: "Agents",
    summary: "Restore a version of an agent",
    description:
      "Makes the agent what it was then, as its next version. Where it is that already, nothing changes. Its approval rules stay as they are.",
    access: write,
    params: agentVersionParams,
    response: { status: 200, json: agentJson },
    errors: ["unknown_provider", "unknown_model"],
  },
} as const satisfies RouteTable;
