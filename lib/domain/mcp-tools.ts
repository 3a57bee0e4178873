/** How lists of MCP servers' tools are read. */
import { z } from "zod";
import { MCP_LIMITS, type McpTool } from "./mcp.ts";

const mcpToolSchema = z.object({
  name: z.string().min(1).max(MCP_LIMITS.toolNameChars),
  title: z.string().max(500).optional(),
  description: z.string().max(MCP_LIMITS.descriptionChars).optional(),
  inputSchema: z.looseObject({ type: z.literal("object") }),
  annotations: z
    .object({
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
}) satisfies z.ZodType<McpTool>;

/** Tools as a server lists them; what agents are not told of is left out. */
export const mcpToolsSchema = z.array(mcpToolSchema).max(MCP_LIMITS.tools);

/** The tools of a text that `toolsText` has written. */
export const toolsOf = (text: string): McpTool[] => mcpToolsSchema.parse(JSON.parse(text));
