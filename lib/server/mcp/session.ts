import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { type McpTransport, toolsText } from "#domain/mcp.ts";
import { toolsOf } from "#domain/mcp-tools.ts";
import { serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import { openValues } from "./values.ts";

type SessionId = Id<"sandboxSessions">;

/** A server as a session gets it; one of stdio with its values in clear. */
export interface SessionServer {
  name: string;
  transport: McpTransport;
  command: string;
  args: string[];
  env: Record<string, string>;
  /** The approved tools, as `toolsText` writes them. */
  tools: string;
}

/**
 * Which servers a session has from now on, with what it takes to start them. One whose values can't be decrypted is
 * left out: the session goes on without it.
 */
export async function beginServers(sessionId: SessionId): Promise<SessionServer[]> {
  const data = serviceData();
  const servers: SessionServer[] = [];
  for (const { serverId, only } of await data.mutation(api.sessionMcp.begin, { sessionId })) {
    const server = await data.query(api.sessionMcp.server, { serverId });
    if (!server?.dataKey) continue;
    const { name, transport, command = "", args = [], organizationId, dataKey, tools } = server;
    try {
      const { env } =
        transport === "stdio" ? openValues(organizationId, { ...server, dataKey }) : { env: {} };
      servers.push({ name, transport, command, args, env, tools: only ? narrowed(tools, only) : tools });
    } catch (error) {
      log("warn", "an MCP server's values could not be opened", {
        sessionId,
        server: name,
        error: messageOf(error),
      });
    }
  }
  return servers;
}

/** Those of a list's tools that a session gets which repeats another one. */
const narrowed = (tools: string, only: readonly string[]): string =>
  toolsText(toolsOf(tools).filter(({ name }) => only.includes(name)));

/** The secrets of a session's servers that are in its sandbox. */
export async function serverSecrets(sessionId: SessionId): Promise<string[]> {
  const sealed = await serviceData().query(api.sessionMcp.sealed, { sessionId });
  return sealed.flatMap(({ organizationId, dataKey, ...server }) => {
    try {
      return Object.values(openValues(organizationId, { ...server, dataKey }).env);
    } catch (error) {
      log("warn", "an MCP server's values could not be opened", { sessionId, error: messageOf(error) });
      return [];
    }
  });
}

/** The servers that a session has, as their tools are told from the agent's own. */
export const serverNames = async (sessionId: SessionId) =>
  await serviceData().query(api.sessionMcp.namesOf, { sessionId });
