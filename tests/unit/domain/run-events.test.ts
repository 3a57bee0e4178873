import { expect, test } from "vitest";
import type { EventEnvelope } from "#domain/events.ts";
import { configSummary } from "#domain/config-summary.ts";
import { channelsOf, endsRun, toRunEvent } from "#domain/run-events.ts";

const SESSION = configSummary(
  {
    provider: "demo",
    model: "demo",
    keySource: "platform",
    budgetCapMicroUsd: null,
    idleTimeoutMs: 900_000,
    autoApprove: false,
  },
  null,
  { minutes: 10, action: "auto", isSet: false },
);
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
    { task: "hi", config_summary: { models: { planner: "demo/demo" } } },
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
  const asked = { approval_key: "k", tool: "bash", request: { command: "ls" } };
  expect(channelsOf(event("approval.requested", asked))).toMatchObject([
    { channel: "agent_event", data: { type: "approval.requested" } },
    {
      channel: "tool_approval_requested",
      data: { id: "r:k", tool_name: "bash", tool_input: { command: "ls" } },
    },
  ]);
  expect(channelsOf(event("session.status", { status: "idle" }))[1]).toMatchObject({
    channel: "sidecar_status_changed",
    data: { running: true },
  });
  expect(channelsOf(event("session.status", { status: "stopped" }))[1]?.data).toMatchObject({
    running: false,
  });
  expect(channelsOf(event("tool.started", {})).map(({ channel }) => channel)).toEqual(["agent_event"]);
});
