import type { AgentEvent } from "./translation.ts";

/** Pieces are joined up to this length: what gathers while the database is away must still fit into its events. */
const MAX_CHARS = 100_000;

/** Pieces of a text that come as one are taken apart again: none is lost, and each fits into its event. */
function apart(event: AgentEvent): AgentEvent[] {
  switch (event.type) {
    case "llm.response.chunk":
    case "llm.thinking.chunk":
    case "tool.output.chunk": {
      const { delta } = event.payload;
      if (delta.length <= MAX_CHARS) return [event];
      const pieces: AgentEvent[] = [];
      for (let from = 0; from < delta.length;) {
        // Half of a pair of surrogates is no character.
        const end = from + MAX_CHARS - (/[\uD800-\uDBFF]/.test(delta.charAt(from + MAX_CHARS - 1)) ? 1 : 0);
        pieces.push({ ...event, payload: { ...event.payload, delta: delta.slice(from, end) } } as AgentEvent);
        from = end;
      }
      return pieces;
    }
    default:
      return [event];
  }
}

/** Joins neighbouring pieces of the same text, and takes apart what is too long: few events for the same words. */
export function coalesce(events: readonly AgentEvent[]): AgentEvent[] {
  const merged: AgentEvent[] = [];
  for (const event of events.flatMap(apart)) {
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
