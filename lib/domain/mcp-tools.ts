/** How lists of MCP servers' tools are read. */
import { z } from "zod";
import { agentToolName, MCP_LIMITS, type McpTool, toolsText } from "./mcp.ts";

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

/** As the protocol wants tools' names. Rules name tools by patterns: one called `*` would stand for all of its server's. */
const TOOL_NAME = /^[A-Za-z0-9_./-]+$/;
/** Providers take no tool with a longer name, and refuse each call of a session that has one. */
const AGENT_NAME_CHARS = 64;
/** Of a schema; what walks down it, here or at a provider, has an end. */
const MAX_DEPTH = 32;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1));
}

/**
 * What a server lists as its tools, where agents can have it.
 * @param list as it came from the server, or from a program beside it
 * @param server its name, where that is known: it is part of what agents call a tool
 * @returns a sentence where they can't
 */
export function checkedTools(list: unknown, server?: string): McpTool[] | string {
  const read = mcpToolsSchema.safeParse(list);
  if (!read.success) {
    const where = read.error.issues[0]?.path.join(".") ?? "";
    return `Its list of tools can't be used (${where === "" ? "tools" : where}).`;
  }
  const tools = read.data;
  for (const [at, { name, inputSchema }] of tools.entries()) {
    if (!TOOL_NAME.test(name))
      return `Its tool number ${at + 1} has a name with other characters than letters, digits, “_”, “-”, “.” and “/”.`;
    if (isDeeper(inputSchema, MAX_DEPTH)) return `The arguments of its tool “${name}” are too deep.`;
    if (server !== undefined && agentToolName(server, name).length > AGENT_NAME_CHARS)
      return `Its tool “${name}” has too long a name: with the server's, agents can have ${AGENT_NAME_CHARS} characters. A shorter name of the server helps.`;
  }
  // As the agent names them: of two that it can't tell apart, one would be called for the other.
  const names = new Set(tools.map(({ name }) => agentToolName("", name)));
  if (names.size < tools.length) return "Its list of tools has two with the same name, as agents write it.";
  if (new TextEncoder().encode(toolsText(tools)).length > MCP_LIMITS.listBytes)
    return `Its list of tools has more than ${MCP_LIMITS.listBytes / 1_000} kB.`;
  return tools;
}
