import { type CallToolResult, Server, type ServerContext } from "@modelcontextprotocol/server";
import { MCP_LIMITS, type McpTool } from "#domain/mcp.ts";
import { McpFault } from "./client.ts";

/** How often a call that goes on says so, so that who waits does not give up. */
const PROGRESS_MS = 10_000;

/** A tool's result that is an error, in words for the agent. */
export const errorResult = (sentence: string): CallToolResult => ({
  isError: true,
  content: [{ type: "text", text: sentence }],
});

/** Why a call failed, as its result says; undefined where it did not. */
export function failureIn({ isError, content }: CallToolResult): string | undefined {
  if (isError !== true) return undefined;
  const text = content.find((part) => part.type === "text")?.text ?? "";
  return text === "" ? "It failed, and said nothing." : text.slice(0, MCP_LIMITS.failureChars);
}

/** Calls one of the tools; may throw a McpFault. */
export type CallTool = (
  tool: McpTool,
  args: Record<string, unknown>,
  signal: AbortSignal,
) => Promise<CallToolResult>;

/** Says now and then that a call goes on, where its caller wants to know. */
function telling(ctx: ServerContext): () => void {
  const { progressToken } = ctx.mcpReq._meta ?? {};
  if (progressToken === undefined) return () => undefined;
  let progress = 0;
  const timer = setInterval(() => {
    progress += 1;
    void ctx.mcpReq
      .notify({ method: "notifications/progress", params: { progressToken, progress } })
      .catch(() => undefined);
  }, PROGRESS_MS);
  return () => clearInterval(timer);
}

/**
 * What an agent sees of a server: the tools that were approved, as they were then, and nothing else of it. A tool that
 * can't be called is an error of that tool, in words, so that the agent goes on.
 * @param name the server's, as people know it
 */
export function pinnedServer(name: string, tools: readonly McpTool[], call: CallTool): Server {
  const server = new Server({ name, version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools: tools.map((tool) => ({ ...tool })) }));
  server.setRequestHandler("tools/call", async ({ params }, ctx) => {
    const tool = tools.find((one) => one.name === params.name);
    if (!tool) return errorResult(`${name} has no tool “${params.name.slice(0, 100)}”.`);
    const told = telling(ctx);
    try {
      return await call(tool, params.arguments ?? {}, ctx.mcpReq.signal);
    } catch (error) {
      if (error instanceof McpFault) return errorResult(`${name}: ${error.message}`);
      throw error;
    } finally {
      told();
    }
  });
  return server;
}
