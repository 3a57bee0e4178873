import type { AgentEvent } from "./from-acp.ts";

/** Pieces are joined up to this length: what gathers while the database is away must still fit into its events. */
const MAX_CHARS = 100_000;

/** Joins neighbouring pieces of the same text: fewer events for the same words. */
export function coalesce(events: readonly AgentEvent[]): AgentEvent[] {
  const merged: AgentEvent[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    if (
      last &&
      (event.type === "llm.response.chunk" || event.type === "llm.thinking.chunk") &&
      last.type === event.type &&
      last.payload.message_id === event.payload.message_id &&
      last.payload.delta.length + event.payload.delta.length <= MAX_CHARS
    )
      merged[merged.length - 1] = {
        ...last,
        payload: { ...last.payload, delta: last.payload.delta + event.payload.delta },
      };
    else if (
      last?.type === "tool.output.chunk" &&
      event.type === "tool.output.chunk" &&
      last.payload.tool_call_id === event.payload.tool_call_id &&
      last.payload.delta.length + event.payload.delta.length <= MAX_CHARS
    )
      merged[merged.length - 1] = {
        ...last,
        payload: { ...last.payload, delta: last.payload.delta + event.payload.delta },
      };
    else merged.push(event);
  }
  return merged;
}
