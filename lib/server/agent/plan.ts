import type { EventDraft } from "#domain/events.ts";
import type { ToolCall } from "./wire.ts";

/** The plan that a call of the agent's to-do tool sets, as an event. */
export function planOf(call: ToolCall, source: string): EventDraft[] {
  const todos = call.rawInput?.todos;
  if (!Array.isArray(todos)) return [];
  const entries = todos.flatMap((todo: { content?: unknown; status?: unknown; priority?: unknown }) =>
    typeof todo?.content === "string" && typeof todo.status === "string"
      ? [
          {
            content: todo.content,
            status: todo.status,
            ...(typeof todo.priority === "string" && { priority: todo.priority }),
          },
        ]
      : [],
  );
  return [{ type: "plan.updated", source, payload: { entries } }];
}
