import type { EventEnvelope, StudioEvent } from "./events.ts";

/** An event of a run under the names of the runs' own stream (spec/facts.md B5). */
export interface RunEvent {
  type: string;
  /** RFC 3339. */
  timestamp: string;
  run_id: string;
  payload: Record<string, unknown>;
}

type Named = [type: string, payload: Record<string, unknown>];

/** Who answered: a person, an answer that was given before, or nobody in time. */
const REASONS: Record<string, string> = { person: "provider", rule: "cached", timeout: "timeout" };

function nameOf(event: StudioEvent, session: { provider: string; model: string }): Named | null {
  switch (event.type) {
    case "run.started": {
      const model = `${session.provider}/${session.model}`;
      const config_summary = { models: { planner: model, executor: model }, config_overlays: [] };
      return ["run_started", { task: event.payload.input, config_summary }];
    }
    case "llm.response.chunk":
      return ["llm_response_delta", { delta_type: "text", data: event.payload.delta }];
    case "usage.recorded":
      return ["llm_usage", event.payload];
    case "llm.response.error": {
      const { error, error_code, retry_after_ms } = event.payload;
      return [
        "llm_retry_scheduled",
        { message: error, status: error_code, delay_ms: retry_after_ms ?? null },
      ];
    }
    case "tool.requested": {
      const { tool_call_id, tool_name, tool_input } = event.payload;
      const call = { call_id: tool_call_id, tool: tool_name, name: tool_name };
      return ["tool_call_requested", { ...call, arguments: tool_input }];
    }
    case "approval.requested": {
      const { approval_key, tool, summary, request } = event.payload;
      return ["approval_requested", { approval_key, tool, summary, request }];
    }
    case "approval.decided": {
      const { approval_key, decision, reason, for_session } = event.payload;
      const said = decision === "approved" && for_session ? "approved_for_session" : decision;
      return ["approval_decided", { approval_key, decision: said, reason: REASONS[reason] ?? "no_provider" }];
    }
    case "tool.started":
      return ["tool_call_started", { call_id: event.payload.tool_call_id, tool: event.payload.tool_name }];
    case "tool.completed": {
      const { tool_call_id, tool_name, output, exit_code, duration_ms, truncated = false } = event.payload;
      const result = { ok: (exit_code ?? 0) === 0, stdout: output, exit_code, duration_ms, truncated };
      return ["tool_call_finished", { call_id: tool_call_id, tool: tool_name, result }];
    }
    case "tool.error": {
      const { tool_call_id, tool_name, error, duration_ms, interrupted } = event.payload;
      const error_kind = interrupted ? "cancelled" : "unknown";
      const result = { ok: false, stderr: error, duration_ms, error_kind, retryable: false };
      return ["tool_call_finished", { call_id: tool_call_id, tool: tool_name, result }];
    }
    case "plan.updated":
      return ["plan_updated", event.payload];
    case "run.completed":
      return ["run_completed", { final_output: event.payload.output, artifacts: [] }];
    case "run.failed":
      return ["run_failed", { error_kind: event.payload.error_kind, message: event.payload.error }];
    case "run.cancelled":
      return ["run_cancelled", { message: event.payload.message }];
    default:
      return null;
  }
}

/** The event under the name of the runs' stream; null where that has none for it. */
export function toRunEvent(
  event: EventEnvelope,
  session: { provider: string; model: string },
): RunEvent | null {
  const named = nameOf(event as StudioEvent, session);
  return named && { type: named[0], timestamp: event.ts, run_id: event.run_id ?? "", payload: named[1] };
}

/** True for the event after which a run has no more. */
export const endsRun = (type: string): boolean =>
  type === "run.completed" || type === "run.failed" || type === "run.cancelled";

/** The channel of the organization's stream on which an event comes. */
export function channelOf(type: string): string {
  if (type === "approval.requested") return "tool_approval_requested";
  return type === "session.status" ? "sidecar_status_changed" : "agent_event";
}
