import { expect, test } from "vitest";
import { Silence } from "#server/engine/silence.ts";

const tool = (type: "tool.requested" | "tool.started" | "tool.completed") =>
  ({
    type,
    source: "agent",
    payload: {
      tool_call_id: "c",
      tool_name: "bash",
      kind: "execute",
      title: "t",
      tool_input: {},
      output: "",
      duration_ms: 0,
    },
  }) as const;

test("an agent is silent for long, and known to have a tool at work while it has", () => {
  const silence = new Silence(90_000, 0);
  expect(silence.isLong(90_000)).toBe(false);
  expect(silence.isLong(90_001)).toBe(true);
  silence.events([tool("tool.requested")], 100_000);
  expect(silence.atWork).toBe(false);
  silence.events([tool("tool.started")], 200_000);
  expect(silence.isLong(290_000)).toBe(false);
  expect(silence.isLong(290_001)).toBe(true);
  expect(silence.atWork).toBe(true);
  silence.events([tool("tool.completed")], 1_000_000);
  expect(silence.atWork).toBe(false);
  expect(silence.isLong(1_090_000)).toBe(false);
});

test("one that may never have been asked is silent sooner, until its first word", () => {
  const silence = new Silence(90_000, 0);
  silence.resume([{ type: "run.started", source: "studio.api", payload: "{}", ts: 0 }]);
  expect(silence.isLong(20_001)).toBe(true);
  silence.heard(5_000);
  expect(silence.isLong(25_000)).toBe(false);
  expect(silence.isLong(25_001)).toBe(true);
  silence.events([], 16_000);
  expect(silence.isLong(36_001)).toBe(true);
  silence.events([tool("tool.completed")], 40_000);
  expect(silence.isLong(130_000)).toBe(false);
});

test("a tool that was at work before is known, too", () => {
  const silence = new Silence(90_000, 0);
  const payload = JSON.stringify({ tool_call_id: "c" });
  silence.resume([{ type: "tool.started", source: "agent.opencode", payload, ts: 0 }]);
  expect(silence.atWork).toBe(true);
  silence.events([tool("tool.completed")], 1_000_000);
  expect(silence.atWork).toBe(false);
});
