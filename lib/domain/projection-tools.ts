import type { StudioEvent } from "./events.ts";
import type { RunStatus } from "./lifecycle.ts";
import { base, closeText, type Draft, freshId, type Of, update } from "./projection-draft.ts";
import type { ToolItem, TranscriptItem } from "./session-view.ts";

type OfCall = { run_id?: string | undefined; payload: { tool_call_id: string } };

/** Accepts the call that an event is about: of its run, since some models give each call the same id. */
export const isTool =
  ({ run_id: runId, payload }: OfCall) =>
  (item: TranscriptItem): item is ToolItem =>
    item.kind === "tool" && item.callId === payload.tool_call_id && item.runId === runId;

/** The id of the call that an event is about, as it stands in the transcript. */
export function itemIdOf(draft: Draft, event: OfCall): string {
  return draft.items.findLast(isTool(event))?.id ?? event.payload.tool_call_id;
}

/** A call that is asked for or begins. */
export function toolSeen(draft: Draft, event: Of<"tool.requested" | "tool.started">): void {
  const p = event.payload;
  const state = event.type === "tool.started" ? "running" : "requested";
  const known = update(draft, isTool(event), (item) => ({
    ...item,
    toolKind: p.kind,
    title: p.title,
    input: { ...item.input, ...p.tool_input },
    state: item.state === "requested" ? state : item.state,
  }));
  if (known) return;
  closeText(draft, event.ts);
  draft.items.push({
    ...base(event, freshId(draft, p.tool_call_id, event)),
    callId: p.tool_call_id,
    kind: "tool",
    name: p.tool_name,
    toolKind: p.kind,
    title: p.title,
    input: p.tool_input,
    state,
    output: "",
    truncated: false,
  });
}

/**
 * A call when its run has ended. What is still open then has no end of its own. A command that the agent killed
 * for the person's stop comes as completed, with no exit code: it was stopped.
 */
export function callAtEnd(item: ToolItem, run: RunStatus): ToolItem {
  const open = item.state === "requested" || item.state === "waiting" || item.state === "running";
  if (run === "cancelled") {
    const killed = item.state === "completed" && item.toolKind === "execute" && item.exitCode === undefined;
    return open || killed ? { ...item, state: "stopped" } : item;
  }
  return open ? { ...item, state: "failed", error: "The run ended before this call finished." } : item;
}

/** What comes of a call. */
export function applyTool(draft: Draft, event: StudioEvent): void {
  switch (event.type) {
    case "tool.output.chunk":
      update(draft, isTool(event), (item) => ({
        ...item,
        output: item.output + event.payload.delta,
      }));
      return;
    case "tool.completed":
      update(draft, isTool(event), (item) => ({
        ...item,
        state: "completed",
        title: event.payload.title,
        output: event.payload.output,
        truncated: event.payload.truncated ?? false,
        ...(event.payload.output_artifact_id && { artifactId: event.payload.output_artifact_id }),
        ...(event.payload.output_chars !== undefined && { outputChars: event.payload.output_chars }),
        durationMs: event.payload.duration_ms,
        ...(event.payload.exit_code !== undefined && { exitCode: event.payload.exit_code }),
        ...(event.payload.diff && { diff: event.payload.diff }),
        ...(event.payload.diffs && { diffs: event.payload.diffs }),
      }));
      return;
    case "tool.denied":
      update(draft, isTool(event), (item) => ({
        ...item,
        state: "denied",
        error: event.payload.reason,
      }));
      return;
    case "tool.error":
      update(draft, isTool(event), (item) => ({
        ...item,
        state: item.state === "denied" ? "denied" : event.payload.interrupted ? "stopped" : "failed",
        error: event.payload.error,
        durationMs: event.payload.duration_ms,
      }));
      return;
    default:
  }
}
