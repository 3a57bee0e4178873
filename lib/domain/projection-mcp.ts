import { base, type Draft, type Of } from "./projection-draft.ts";

/** A server that did not start, or can't be reached: the agent says nothing of that by itself. */
export function mcpGone(draft: Draft, event: Of<"mcp.server.disconnected">): void {
  const { server_name: name, reason } = event.payload;
  draft.items.push({
    ...base(event, `mcp:${event.seq}`),
    kind: "notice",
    tone: "warning",
    title: `The MCP server “${name}” isn't available`,
    text: `${reason} The agent goes on without it, and tries again at its next call.`.trim(),
  });
}
