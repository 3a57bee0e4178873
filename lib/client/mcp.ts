import { useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { JsonOf, SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";

/** An MCP server of the organization's, without the values of its variables and headers. */
export type McpServerRow = FunctionReturnType<typeof api.mcpServers.list>[number];
export type McpTools = JsonOf<"GET /api/v1/mcp/servers/{id}/tools">;

/** A server that runs in a sandbox may be fetched there first. */
const TEST_MS = 150_000;

/** The organization's MCP servers, as they change; undefined until they are there. */
export function useMcpServers(): readonly McpServerRow[] | undefined {
  return useQuery(api.mcpServers.list, {});
}

/** The servers that a session got when its agent started, and what differs since. */
export function useSessionMcp(sessionId: string) {
  return useQuery(api.sessionMcp.ofSession, { sessionId });
}
export type SessionMcpRow = FunctionReturnType<typeof api.sessionMcp.ofSession>[number];

/** What agents were told of a server's tools when a session got them, and now; undefined until it is known. */
export function useMcpChanges(sessionId: string, serverName: string) {
  return useQuery(api.sessionMcpChanges.ofServer, { sessionId, serverName });
}

/** A server's calls of the last days, as they come in; undefined until they are there. */
export function useMcpCalls(serverId: string) {
  return useQuery(api.mcpUsage.ofServer, { serverId });
}

export const createMcpServer = async (body: SentBody<"POST /api/v1/mcp/servers">) =>
  await call("POST /api/v1/mcp/servers", { body });

export const updateMcpServer = async (id: string, body: SentBody<"PATCH /api/v1/mcp/servers/{id}">) =>
  await call("PATCH /api/v1/mcp/servers/{id}", { params: { id }, body });

export const removeMcpServer = async (id: string) =>
  await call("DELETE /api/v1/mcp/servers/{id}", { params: { id } });

/** Where a person's browser goes to sign in to a server. */
export const beginMcpSignIn = async (id: string) =>
  await call("POST /api/v1/mcp/servers/{id}/sign-in", { params: { id } });

export const dropMcpSignIn = async (id: string) =>
  await call("DELETE /api/v1/mcp/servers/{id}/sign-in", { params: { id } });

/** Ends a sign-in with what the browser has brought back. */
export const finishMcpSignIn = async (body: SentBody<"POST /api/v1/mcp/sign-ins">) =>
  await call("POST /api/v1/mcp/sign-ins", { body });

/** Has a server tested, and what it offers kept. */
export const testMcpServer = async (id: string) =>
  await call("POST /api/v1/mcp/servers/{id}/test", { params: { id }, timeoutMs: TEST_MS });

/** What a server offers, what was approved of it, and what differs. */
export const readMcpTools = async (id: string): Promise<McpTools> =>
  await call("GET /api/v1/mcp/servers/{id}/tools", { params: { id } });
