import { expect, test } from "vitest";
import type { EventEnvelope } from "#domain/events.ts";
import { channelOf, endsRun, toRunEvent } from "#domain/run-events.ts";

const SESSION = { provider: "xai", model: "grok-4.3" };
const event = (type: string, payload: Record<string, unknown>): EventEnvelope => ({
  event_id: "e",
  type,
  ts: "2026-11-20T00:00:00.000Z",
  session_id: "s",
  run_id: "r",
  seq: 1,
  source: "test",
  payload,
});
const tool = { tool_call_id: "c", tool_name: "bash" };

test.each<[string, Record<string, unknown>, string, Record<string, unknown>]>([
  [
    "run.started",
    { input: "hi" },
    "run_started",
    { task: "hi", config_summary: { models: { planner: "xai/grok-4.3" } } },
  ],
  [
    "llm.response.chunk",
    { message_id: "m", delta: "d" },
    "llm_response_delta",
    { delta_type: "text", data: "d" },
  ],
  [
    "tool.requested",
    { ...tool, tool_input: { a: 1 } },
    "tool_call_requested",
    { call_id: "c", arguments: { a: 1 } },
  ],
  [
    "tool.completed",
    { ...tool, output: "o", exit_code: 2, duration_ms: 3 },
    "tool_call_finished",
    { result: { ok: false, stdout: "o", exit_code: 2 } },
  ],
  [
    "tool.error",
    { ...tool, error: "e", duration_ms: 3, interrupted: true },
    "tool_call_finished",
    { result: { ok: false, error_kind: "cancelled" } },
  ],
  [
    "approval.decided",
    { approval_key: "k", decision: "denied", reason: "timeout" },
    "approval_decided",
    { decision: "denied", reason: "timeout" },
  ],
  [
    "approval.decided",
    { approval_key: "k", decision: "approved", reason: "rule" },
    "approval_decided",
    { decision: "approved", reason: "cached" },
  ],
  ["run.failed", { error: "e", error_kind: "k" }, "run_failed", { error_kind: "k", message: "e" }],
  ["run.cancelled", { message: "m" }, "run_cancelled", { message: "m" }],
])("%s of %j is %s", (type, payload, name, wanted) => {
  expect(toRunEvent(event(type, payload), SESSION)).toMatchObject({
    type: name,
    run_id: "r",
    payload: wanted,
  });
});

test("what has no name there is left out", () => {
  expect(toRunEvent(event("session.status", { status: "idle" }), SESSION)).toBeNull();
  expect(toRunEvent(event("something.new", {}), SESSION)).toBeNull();
});

test("a run ends once, and channels have their names", () => {
  expect(["run.completed", "run.failed", "run.cancelled", "run.started"].map(endsRun)).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(["approval.requested", "session.status", "tool.started"].map(channelOf)).toEqual([
    "tool_approval_requested",
    "sidecar_status_changed",
    "agent_event",
  ]);
});
