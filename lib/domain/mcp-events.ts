import { z } from "zod";

/** What a session's log says of its MCP servers. */
export const MCP_PAYLOADS = {
  "mcp.server.connected": z.object({
    server_name: z.string(),
    server_uri: z.string(),
    tools_count: z.number().int(),
  }),
  "mcp.server.disconnected": z.object({ server_name: z.string(), reason: z.string() }),
};
