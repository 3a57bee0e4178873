import type { ConfigSummary } from "./config-summary.ts";
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

function nameOf(event: StudioEvent, config: ConfigSummary): Named | null {
  switch (event.type) {
    case "run.started":
      return ["run_started", { task: event.payload.input, config_summary: config }];
    case "llm.request.started": {
      const { model, wire_api = null, messages_count = null, tools_count = null } = event.payload;
      return ["llm_request_started", { model, wire_api, messages_count, tools_count }];
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
    case "run.parked":
      return ["run_waiting_human", { message: event.payload.message, error_kind: "human_required" }];
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
    case "skill.injected": {
      const { skill_name, namespace, path, mention } = event.payload;
      return [
        "skill_injected",
        { skill_name, namespace, skill_locator: path, source: "mention", mention_text: mention },
      ];
    }
    case "skill.failed": {
      const { skill_name, namespace, mention, reason, message } = event.payload;
      return [
        "skill_injection_skipped",
        { skill_name, namespace, source: "mention", mention_text: mention, reason, message },
      ];
    }
    case "run.failed": {
      const { error_kind, error, details } = event.payload;
      return ["run_failed", { error_kind, message: error, ...(details && { details }) }];
    }
    case "run.cancelled":
      return ["run_cancelled", { message: event.payload.message }];
    default:
      return null;
  }
}

/** The event under the name of the runs' stream; null where that has none for it. */
export function toRunEvent(event: EventEnvelope, config: ConfigSummary): RunEvent | null {
  const named = nameOf(event as StudioEvent, config);
  return named && { type: named[0], timestamp: event.ts, run_id: event.run_id ?? "", payload: named[1] };
}

/** True for the event after which a run has no more. */
export const endsRun = (type: string): boolean =>
  type === "run.completed" || type === "run.failed" || type === "run.cancelled";

/** An approval's name across runs, whose own keys are theirs alone. */
export const approvalId = (runId: string, key: string): string => `${runId}:${key}`;

/** What an approval's name is made of; null for what is none. */
export function approvalOf(id: string): { runId: string; key: string } | null {
  const at = id.indexOf(":");
  return at < 1 || at === id.length - 1 ? null : { runId: id.slice(0, at), key: id.slice(at + 1) };
}

/** What comes on a channel of the organization's stream. */
interface OnChannel {
  channel: "agent_event" | "tool_approval_requested" | "sidecar_status_changed";
  data: unknown;
}

/** States in which a session's sandbox runs. */
const RUNNING: readonly string[] = ["ready", "active", "idle"];

/** What an event is on the organization's stream: itself, and again in a form of its own where another channel has one. */
export function channelsOf(event: EventEnvelope): OnChannel[] {
  const { type, session_id, run_id = "", payload } = event;
  const whole: OnChannel = { channel: "agent_event", data: event };
  if (type === "approval.requested") {
    const { approval_key, tool, request } = payload;
    const data = { id: approvalId(run_id, String(approval_key)), tool_name: tool, tool_input: request };
    return [whole, { channel: "tool_approval_requested", data: { ...data, session_id, run_id } }];
  }
  if (type === "session.status") {
    const running = RUNNING.includes(String(payload.status));
    return [whole, { channel: "sidecar_status_changed", data: { running, session_id } }];
  }
  return [whole];
}
