import { z } from "zod";
import {
  createMcpServerBody,
  mcpConnectResponse,
  mcpDisconnectResponse,
  mcpNameBody,
  mcpServerJson,
  mcpServersResponse,
  mcpServerToolsResponse,
  mcpTestResponse,
  mcpToolsQuery,
  mcpToolsResponse,
  updateMcpServerBody,
} from "../mcp.ts";
import { idParam, type RouteTable } from "../route.ts";

const named = z.object({ id: idParam });
const read = { scope: "settings:read" } as const;
const write = { scope: "settings:write" } as const;
const example = {
  name: "memory",
  transport: "stdio",
  command: "npx",
  args: ["-y", "@modelcontextprotocol/server-memory"],
} as const;

export const MCP_ROUTES = {
  "GET /api/v1/mcp/servers": {
    id: "listMcpServers",
    tag: "MCP",
    summary: "List MCP servers",
    description: "By their names, with the values of their variables and headers masked.",
    access: read,
    response: { status: 200, json: mcpServersResponse },
  },
  "POST /api/v1/mcp/servers": {
    id: "createMcpServer",
    tag: "MCP",
    summary: "Add an MCP server",
    description:
      "It is off at first: test it, look at its tools, and turn it on. Private addresses are refused where the operator does not allow them, and link-local and metadata addresses always.",
    access: write,
    body: createMcpServerBody,
    example,
    response: { status: 201, json: mcpServerJson },
    errors: ["key_unreadable"],
  },
  "PATCH /api/v1/mcp/servers/{id}": {
    id: "updateMcpServer",
    tag: "MCP",
    summary: "Change an MCP server",
    description:
      "Where it is reached in another way, or its values change, it is off until its tools were seen again. Sent alone, `enabled` turns it on or off.",
    access: write,
    params: named,
    body: updateMcpServerBody,
    example: { enabled: false },
    response: { status: 200, json: mcpServerJson },
    errors: ["key_unreadable", "not_ready"],
  },
  "DELETE /api/v1/mcp/servers/{id}": {
    id: "removeMcpServer",
    tag: "MCP",
    summary: "Remove an MCP server",
    description: "Sessions that have it can no longer use it.",
    access: write,
    params: named,
    response: { status: 204 },
  },
  "GET /api/v1/mcp/servers/{id}/tools": {
    id: "listMcpServerTools",
    tag: "MCP",
    summary: "List an MCP server's tools",
    description: "Those that agents get, those that it was last found to offer, and what differs.",
    access: read,
    params: named,
    response: { status: 200, json: mcpServerToolsResponse },
  },
  "POST /api/v1/mcp/servers/{id}/test": {
    id: "testMcpServer",
    tag: "MCP",
    summary: "Test an MCP server",
    description:
      "Connects to it and lists its tools: one of `stdio` in a sandbox of its own, which may take a minute or two where its package is fetched first.",
    access: write,
    params: named,
    response: { status: 200, json: mcpTestResponse },
    errors: ["key_unreadable", "upstream_failed"],
  },
  "POST /api/v1/mcp/connect": {
    id: "connectMcpServer",
    tag: "MCP",
    summary: "Add, test and turn on an MCP server",
    description:
      "In one request, for programs: its tools are approved as they are found. One of that name is put in its place.",
    access: write,
    body: createMcpServerBody,
    example,
    response: { status: 200, json: mcpConnectResponse },
    errors: ["key_unreadable", "upstream_failed"],
  },
  "POST /api/v1/mcp/disconnect": {
    id: "disconnectMcpServer",
    tag: "MCP",
    summary: "Turn off an MCP server",
    access: write,
    body: mcpNameBody,
    example: { name: "memory" },
    response: { status: 200, json: mcpDisconnectResponse },
    errors: ["not_found"],
  },
  "GET /api/v1/mcp/tools": {
    id: "listMcpTools",
    tag: "MCP",
    summary: "List the tools that agents can have",
    description:
      "Those of every MCP server that is on, and at the end the agent's own under `builtin`. Where there are many, `next_cursor` leads to the others.",
    access: read,
    query: mcpToolsQuery,
    response: { status: 200, json: mcpToolsResponse },
  },
  "POST /api/mcp/{server}": {
    id: "useMcpServer",
    tag: "System",
    summary: "Use an MCP server from a sandbox",
    description:
      "For the agent alone: the Model Context Protocol over streamable HTTP, for one server of its session.",
    access: "sandbox",
    params: z.object({ server: idParam }),
    response: { status: 200, media: "text/event-stream", text: "As the protocol says." },
  },
  "POST /api/mcp/{server}/report": {
    id: "reportMcpServer",
    tag: "System",
    summary: "Say from a sandbox whether an MCP server runs",
    description: "For Studio's own program in the sandbox alone; it is logged in the session.",
    access: "sandbox",
    params: z.object({ server: idParam }),
    response: { status: 204 },
  },
} as const satisfies RouteTable;
