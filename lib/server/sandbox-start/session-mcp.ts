import type { Id } from "#convex/_generated/dataModel.js";
import { beginServers } from "../mcp/session.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { addresses } from "./addresses.ts";

/** An MCP server as ACP names it to the agent (`session/new`, `session/load`). */
export type AcpServer =
  | { name: string; command: string; args: string[]; env: { name: string; value: string }[] }
  | { type: "http"; name: string; url: string; headers: { name: string; value: string }[] };

/** What a session's agent is told of its servers, and the files that these are started by. */
export interface SessionMcp {
  servers: AcpServer[];
  files: { path: string; data: string }[];
}

/** Outside of the workspace: what is in them is the organization's, and no work of the session's. */
const FOLDER = "/home/user/.studio/mcp";
const NODE = "/opt/studio/bin/node";
const GUARD = "/opt/studio/agent/mcp.mjs";

/**
 * The MCP servers that a session has from now on. Those of stdio run in its sandbox behind a guard
 * (sandbox-template/agent/mcp.ts), the others behind Studio: both show the agent the tools that were approved.
 * @param token what the sandbox signs in to Studio with
 */
export async function sessionMcp(sessionId: Id<"sandboxSessions">, token: string): Promise<SessionMcp> {
  const { studioUrl } = addresses();
  const made: SessionMcp = { servers: [], files: [] };
  for (const { name, transport, command, args, env, tools } of await beginServers(sessionId)) {
    const url = `${studioUrl.replace(/\/$/, "")}/api/mcp/${name}`;
    if (transport !== "stdio") {
      const headers = [{ name: "Authorization", value: `Bearer ${token}` }];
      made.servers.push({ type: "http", name, url, headers });
      continue;
    }
    const path = `${FOLDER}/${name}.json`;
    const report = { url: `${url}/report`, token };
    const options = { name, command, args, env, cwd: WORKSPACE, tools: JSON.parse(tools) as unknown, report };
    made.files.push({ path, data: JSON.stringify(options) });
    made.servers.push({ name, command: NODE, args: [GUARD, "serve", path], env: [] });
  }
  return made;
}
